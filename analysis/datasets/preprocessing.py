"""How a picture becomes the network's input: every value, and where each one comes from."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, cast

Resize = Literal["shortest", "squash", "letterbox", "none"]
Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos"]
Channels = Literal["rgb", "bgr", "gray"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
GRAY_WEIGHTS = (0.299, 0.587, 0.114)  # ITU-R 601-2, as Pillow's convert("L")

FALLBACK: Mapping[str, Any] = MappingProxyType(
    {
        "input_size": (224, 224),
        "resize": "shortest",
        "crop_pct": 0.875,
        "interpolation": "bicubic",
        "mean": IMAGENET_MEAN,
        "std": IMAGENET_STD,
        "channels": "rgb",
        "exif": False,
    }
)
"""The usual ImageNet evaluation; used where neither a person nor the architecture says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """From a decoded picture to the network's input.

    Attributes:
        input_size: (height, width) in pixels.
        resize: shortest (then centre crop) | squash | letterbox | none.
        crop_pct: 0..1; the shortest side is resized to round(input_size / crop_pct).
        interpolation: Pillow's, antialiased.
        mean: One value a channel, on pixels scaled to 0..1.
        std: One value a channel, above 0.
        channels: rgb | bgr | gray (one channel).
        exif: True: the EXIF orientation is applied.
        provenance: For each value above, who said so: "investigation", "architecture" or "fallback".
    """

    input_size: tuple[int, int]
    resize: Resize
    crop_pct: float
    interpolation: Interpolation
    mean: tuple[float, ...]
    std: tuple[float, ...]
    channels: Channels
    exif: bool
    provenance: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def channel_count(self) -> int:
        """1 for gray, else 3."""
        return 1 if self.channels == "gray" else 3

    def as_dict(self) -> dict[str, Any]:
        """Plain values for ``run.json``, provenance included."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Preprocessing":
        """What `as_dict` gave, perhaps read back from JSON."""
        listed = ("input_size", "mean", "std")
        plain: dict[str, Any] = {name: tuple(v) if name in listed else v for name, v in values.items()}
        return cls(**plain)

    def assumed(self) -> tuple[str, ...]:
        """Sentences about values that matter here and that nobody said: neither a person nor the architecture."""
        matter = ["mean", "std"] + (["resize"] if self.resize != "none" else [])
        guessed = [name for name in matter if self.provenance.get(name) == "fallback"]
        if not guessed:
            return ()
        values = ", ".join(f"{name} = {getattr(self, name)}" for name in guessed)
        return (
            f"Neither the network nor [preprocessing] says what it was trained with; assumed is {values}. "
            "Set them in [preprocessing] if you trained with others.",
        )

    def digest(self) -> str:
        """16 hex digits that change when any pixel the network sees could."""
        values = {name: value for name, value in self.as_dict().items() if name != "provenance"}
        return hashlib.blake2b(json.dumps(values, sort_keys=True).encode(), digest_size=8).hexdigest()


def resolve_preprocessing(given: Mapping[str, Any], pretrained: Mapping[str, Any] | None) -> Preprocessing:
    """Lay what a person wrote over what the architecture was pretrained with, over the usual.

    Args:
        given: Values of [preprocessing]; None or a missing key: not said.
        pretrained: The architecture's own configuration, same keys, or None.

    Returns:
        All values with their provenance. Where gray is asked for and only colour statistics are known, mean and std
        become the luma-weighted mean of the three channels.
    """
    layers = (("investigation", given), ("architecture", pretrained or {}), ("fallback", FALLBACK))
    chosen: dict[str, Any] = {}
    provenance: dict[str, str] = {}
    for name in FALLBACK:
        origin, value = next((origin, layer[name]) for origin, layer in layers if layer.get(name) is not None)
        chosen[name], provenance[name] = value, origin
    chosen["input_size"] = _height_width(chosen["input_size"])
    count = 1 if chosen["channels"] == "gray" else 3
    for name in ("mean", "std"):
        chosen[name] = _per_channel(tuple(float(value) for value in chosen[name]), count)
    _follow_channel_order(chosen, provenance)
    return Preprocessing(**chosen, provenance=MappingProxyType(provenance))


def _height_width(size: "int | list[int] | tuple[int, ...]") -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else cast("tuple[int, int]", tuple(int(side) for side in size))


def _per_channel(values: tuple[float, ...], count: int) -> tuple[float, ...]:
    if len(values) == count:
        return values
    if count == 1:
        return (sum(weight * value for weight, value in zip(GRAY_WEIGHTS, values, strict=True)),)
    return values * count


def _follow_channel_order(chosen: dict[str, Any], provenance: Mapping[str, str]) -> None:
    """Turn RGB statistics round for BGR input, unless a person wrote them: then they are meant as written."""
    if chosen["channels"] != "bgr":
        return
    for name in ("mean", "std"):
        if provenance[name] == "fallback" or (
            provenance[name] == "architecture" and provenance["channels"] != "architecture"
        ):
            chosen[name] = chosen[name][::-1]
