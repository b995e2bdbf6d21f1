"""Write an investigation file from values, such as those of a form."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.errors import OutputError, SpecError
from analysis.spec.investigation import Investigation, check_investigation


def write_investigation(content: Mapping[str, object], path: Path) -> Investigation:
    """Check values and write them as an investigation file.

    Args:
        content: Sections and keys as in the file, or what `dump_investigation` returns; keys that are None or empty
            text are left out, and so are sections without keys.
        path: The TOML file to write; replaced in one step. Relative paths in `content` start from its folder.

    Returns:
        The investigation as it will be read from the file.

    Raises:
        SpecError: If a key or value is wrong; nothing is written then.
        OutputError: If the file cannot be written.
    """
    path = Path(os.path.abspath(path))
    given = {key: _without_gaps(value) for key, value in content.items() if key != "source"}
    given = {key: value for key, value in given.items() if value not in (None, "", {})}
    spec = check_investigation(given, path)
    _replace(path, toml_text(given))
    return spec


def toml_text(content: Mapping[str, object]) -> str:
    """Return values as TOML: first the plain keys, then one section a mapping.

    Args:
        content: Text, numbers, booleans, lists of these, and mappings of these one level deep.

    Raises:
        SpecError: If a value has no form in TOML.
    """
    plain = {key: value for key, value in content.items() if not isinstance(value, Mapping)}
    sections = {key: value for key, value in content.items() if isinstance(value, Mapping)}
    blocks = [_lines(plain)] if plain else []
    blocks += [f"[{_quoted(name)}]\n{_lines(values)}" for name, values in sections.items()]
    return "\n".join(blocks)


def _lines(values: Mapping[str, object]) -> str:
    return "".join(f"{_quoted(key)} = {_value(value)}\n" for key, value in values.items())


def _quoted(key: str) -> str:
    """Return a key, in quotes where TOML asks for them."""
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _text(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | Path):
        return _text(str(value))
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(item) for item in value)}]"
    raise SpecError(f"{value!r} has no form in TOML; expected text, a number, true, false or a list.")


def _text(text: str) -> str:
    """Return text in quotes. JSON's escapes are TOML's, but TOML also escapes the delete character."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise SpecError(f"{text!r} holds bytes that are no UTF-8 text; rename the file or folder.")
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _without_gaps(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: item for key, item in value.items() if item not in (None, "")}
    return value


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new one, never half of it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise OutputError(f"The investigation file {path} cannot be written: {error.strerror or error}.") from error
