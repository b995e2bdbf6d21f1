"""Class names compared as people read them: without case, spelling variants of spaces, or Unicode forms."""

import re
import unicodedata

_GAP = re.compile(r"[\s_\-‐‑–—]+")
_HYBRID = re.compile(r"(?:^|(?<=\s))×\s*|(?<=\s)x\s+(?=\S)")  # Quercus × hispanica, Quercus x hispanica
_NUMBER = re.compile(r"(\d+)")
_NUMBERED = re.compile(r"^(.+?)[\s_\-]*(?:[_\-](\d{1,3})|\((\d{1,3})\))$")
_SIGNED = re.compile(r"^\s*-(?=[\d.])")


def canonical_name(name: str) -> str:
    """What two spellings of one class name have in common.

    Unicode form (NFKC), case, outer spaces, the kind of gap between words and the hybrid sign do not count; a minus
    before a number does.

    Args:
        name: a class name.
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    signed = "minus " if _SIGNED.match(text) else ""
    text = _HYBRID.sub("", _GAP.sub(" ", text).strip())
    return signed + text


def name_without_number(name: str) -> str | None:
    """The bare name of a numbered one (`X_2`, `X-3`, `X (2)`), canonical; None where there is no such ending."""
    found = _NUMBERED.match(name)
    return canonical_name(found.group(1)) if found else None


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts "2" before "10": digits compare as numbers, before text."""
    parts = _NUMBER.split(name)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part)
