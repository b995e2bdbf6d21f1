"""What a person typed into the form, as an investigation file; plain Python, tested without a browser."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.spec.toml_writing import toml_text

PATHS = {  # field of the form → key of the file
    "checkpoint": "model.checkpoint",
    "names": "classes.names",
    "old": "classes.old",
    "hierarchy": "classes.hierarchy",
    "validation": "data.validation",
    "root": "data.root",
    "train": "data.train",
    "unlabeled": "data.unlabeled",
    "baseline_checkpoint": "baseline.checkpoint",
    "baseline_classes": "baseline.classes",
    "log": "training.log",
}
REQUIRED = {
    "checkpoint": "the checkpoint to diagnose",
    "names": "the list of class names, in the order of the network's outputs",
    "validation": "the validation set: a manifest or an image folder",
}
_AUTO = "as the architecture says"
CHOICES = {
    "resize": (_AUTO, "shortest", "squash", "letterbox", "none"),
    "interpolation": (_AUTO, "nearest", "bilinear", "bicubic", "lanczos"),
    "channels": (_AUTO, "rgb", "bgr", "gray"),
    "exif": (_AUTO, "yes", "no"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A filled form: the file's text, or what stands in its way."""

    toml: str
    complaints: tuple[str, ...]


def fill(fields: Mapping[str, str], allowed_path: Callable[[str], Path]) -> Filled:
    """Make an investigation file of the form's fields.

    Args:
        fields: What was typed, by name: ``title``, ``architecture``, the names in `PATHS`, and the overrides
            ``input_size``, ``crop_pct``, ``mean``, ``std`` and those in `CHOICES`. Blank means not given.
        allowed_path: Turns typed text into an absolute path; raises `AnalysisError` where it may not lie.
    """
    complaints = [f"Missing: {what}." for name, what in REQUIRED.items() if not fields.get(name, "").strip()]
    values: dict[str, object] = {"title": fields.get("title", "").strip() or "Untitled"}
    for name, key in PATHS.items():
        if text := fields.get(name, "").strip():
            _take(values, complaints, key, text, lambda text: str(allowed_path(text)))
    if text := fields.get("architecture", "").strip():
        _take(values, complaints, "model.architecture", text, lambda text: _architecture(text, allowed_path))
    for name in ("input_size", "crop_pct", "mean", "std"):
        if text := fields.get(name, "").strip():
            _take(values, complaints, f"preprocessing.{name}", text, lambda text, name=name: _numbers(name, text))  # type: ignore[misc]
    for name in CHOICES:
        chosen = fields.get(name, _AUTO)
        if chosen and chosen != _AUTO:
            values[f"preprocessing.{name}"] = chosen == "yes" if name == "exif" else chosen
    return Filled(toml=toml_text(_sections(values)), complaints=tuple(complaints))


def _take(values: dict[str, object], complaints: list[str], key: str, text: str, read: Callable[[str], object]) -> None:
    try:
        values[key] = read(text)
    except (AnalysisError, ValueError, OSError) as error:
        complaints.append(f"{key}: {error}")


def _architecture(text: str, allowed_path: Callable[[str], Path]) -> str:
    """A factory's file runs code, so it must lie under an allowed root; other names are left to the library."""
    file, colon, function = text.rpartition(":")
    return f"{allowed_path(file)}:{function}" if colon and file.endswith(".py") else text


def _numbers(name: str, text: str) -> object:
    try:
        numbers = [float(part) for part in text.replace(",", " ").strip("[] ").split()]
    except ValueError:
        raise ValueError(f"expected numbers, for example {_EXAMPLES[name]}; got {text!r}") from None
    if name == "input_size":
        if len(numbers) not in (1, 2) or any(number != int(number) for number in numbers):
            raise ValueError(f"expected one or two whole numbers (height, width); got {text!r}")
        return [int(number) for number in numbers] if len(numbers) == 2 else int(numbers[0])
    if name == "crop_pct":
        if len(numbers) != 1:
            raise ValueError(f"expected one number between 0 and 1; got {text!r}")
        return numbers[0]
    return numbers


_EXAMPLES = {"input_size": "224", "crop_pct": "0.875", "mean": "0.485, 0.456, 0.406", "std": "0.229, 0.224, 0.225"}


def _sections(values: Mapping[str, object]) -> dict[str, object]:
    """Dotted keys as the sections of an investigation file."""
    content: dict[str, object] = {}
    sections: dict[str, dict[str, object]] = {}
    for key, value in values.items():
        section, dot, name = key.rpartition(".")
        if dot:
            sections.setdefault(section, {})[name] = value
        else:
            content[key] = value
    return {**content, **sections}
