"""What is wrong in an investigation file, in words: the key, the value found, what was expected."""

import difflib
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "is_instance_of": "text in quotes: the path of a file or folder",
    "path_type": "text in quotes: the path of a file or folder",
    "tuple_type": "a list of numbers",
    "model_type": "a section, such as [model]",
    "finite_number": "a finite number",
}
EXPECTED_OF_KEY = {
    "inference.device": "auto, cpu, cuda, cuda:N or mps",
    "inference.batch_size": 'a whole number of at least 1, or "auto"',
    "inference.workers": 'a whole number of at least 0, or "auto"',
    "inference.seed": "a whole number from 0 to 4294967295",
    "preprocessing.input_size": "a whole number of pixels or [height, width], 1 to 16384",
    "preprocessing.crop_pct": "a number above 0 and at most 1",
    "preprocessing.mean": "a list of 1 (gray) or 3 numbers",
    "preprocessing.std": "a list of 1 (gray) or 3 numbers",
}


def complaints(error: ValidationError, root: type[BaseModel], *, within: str = "") -> list[str]:
    """Return one line a wrong key, in the order of the file's sections, each key once.

    Args:
        error: What the check of `root` found.
        root: The model that was checked; its fields are the known keys.
        within: The section that was checked alone, or "" for the whole file.
    """
    lines: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        names = [str(part) for part in detail["loc"]]
        key = f"{within}.{names[0]}" if within else _key(names, root)
        if key not in lines:
            lines[key] = f"  {_complaint(key, detail, root)}"
    return list(lines.values())


def _complaint(key: str, detail: Mapping[str, Any], root: type[BaseModel]) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(key, root)
    if kind == "missing":
        return f"{key} is missing; it has no default."
    if kind == "value_error" and key not in EXPECTED_OF_KEY:
        return f"{key} = {_shown(detail['input'])}: {detail['ctx']['error']}."
    expected = EXPECTED_OF_KEY.get(key) or EXPECTED.get(kind) or _choices(detail) or detail["msg"]
    return f"{key} = {_shown(detail['input'])}: expected {expected}."


def _unknown_key(key: str, root: type[BaseModel]) -> str:
    section, _, name = key.rpartition(".")
    known = _known_keys(section, root)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    elsewhere = [
        f"{other}.{name}" for other in _sections(root) if name in _known_keys(other, root) and other != section
    ]
    meant = close or elsewhere[:1]
    hint = f" Did you mean {meant[0]!r}?" if meant else ""
    return f"unknown key {key!r}.{hint} Known keys here: {', '.join(known)}."


def _known_keys(section: str, root: type[BaseModel]) -> list[str]:
    model = _sections(root).get(section, root) if section else root
    return [name for name in model.model_fields if not (model is root and name == "source")]


def _sections(root: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the model of each section of the file."""
    return {name: model for name, field in root.model_fields.items() for model in _models(field.annotation)}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _models(part)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def _key(names: list[str], root: type[BaseModel]) -> str:
    """Return section.key; deeper parts of a place say only which form of a value was tried."""
    return ".".join(names[:2] if names and names[0] in _sections(root) else names[:1])


def _choices(detail: Mapping[str, Any]) -> str | None:
    return str(detail["ctx"]["expected"]) if detail["type"] == "literal_error" else None


def _shown(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
