"""Data as text: class names and paths are never markup."""

import re

# Addresses become links even without any markup; an invisible word joiner (U+2060) after these marks stops that.
_ADDRESS = re.compile(r"(://|\bwww(?=\.)|@)", re.IGNORECASE)
_SPACE = re.compile("[^\\S\N{NO-BREAK SPACE}]+")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&\"'=^@])")


def escape_markdown(text: object) -> str:
    """`text` so that markdown (labels, captions, help, toasts, messages) shows exactly its characters, on one line."""
    return _escaped(_one_line(str(text)))


def _one_line(text: str) -> str:
    """White space of any kind as single blanks; unbroken ones stay, they hold a number and its unit together."""
    return _SPACE.sub(" ", text).strip()


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub("\\1\u2060", text))


def with_code(text: object) -> str:
    """`text` as markdown where only names between backticks are marked, as code; everything else shows as it is."""
    parts = _one_line(str(text)).split("`")
    if len(parts) % 2 == 0:  # a lone backtick
        return escape_markdown(text)
    marked = [f"`{part}`" if at % 2 and part.strip() else _escaped(part) for at, part in enumerate(parts)]
    return "".join(marked)


def count(number: float, singular: str, plural: str | None = None) -> str:
    """'1 sample', '12,000 samples'."""
    return f"{number:,.0f} {singular if number == 1 else plural or singular + 's'}"


def percent(fraction: float | None, digits: int = 1) -> str:
    """'59.0 %', or '–' where there is no number."""
    if fraction is None or fraction != fraction:  # noqa: PLR0124 - NaN
        return "–"
    return f"{100 * fraction:.{digits}f} %"


def size_words(size: int) -> str:
    """'0 B', '12 kB', '3.4 MB': bytes in steps of 1000."""
    number, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while number >= 999.5 and len(units) > 1:
        number /= 1000
        units.pop(0)
    return f"{number:.1f} {units[0]}" if number < 9.95 and units[0] != "B" else f"{number:,.0f} {units[0]}"
