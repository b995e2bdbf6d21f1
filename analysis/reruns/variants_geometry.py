"""Other sizes, crops and interpolations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analysis.datasets.preprocessing import Interpolation, Preprocessing
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant
from analysis.reruns.variant_making import distinct, made

LARGER_IS_WORTH = 0.05
"""A larger input than in training gains 1 to 3 points on healthy networks: that is tuning, not a fault.

Source:
    Touvron et al. 2019, arXiv 1906.06423.
"""
_OTHER: Mapping[Interpolation, tuple[Interpolation, ...]] = {
    "nearest": ("bilinear", "bicubic"),
    "bilinear": ("bicubic", "nearest", "lanczos"),
    "bicubic": ("bilinear", "nearest", "lanczos"),
    "lanczos": ("bicubic", "bilinear", "nearest"),
}
_SIZES = (0.5, 2.0, 0.75, 1.5, 1.3, 1.15, 0.875)
_AROUND = (0.875, 1.15)


def geometries(subject: Subject, base: Variant) -> list[Variant]:
    """One change of size, crop or interpolation each, and the architecture's own; the likeliest and cheapest first."""
    now = base.preprocessing
    smooth = _smooth(base)
    interpolations = [_interpolated(subject, base, name) for name in _OTHER[now.interpolation]]
    crops = _crops(subject, smooth)
    sizes = [_sized(subject, smooth, factor) for factor in _SIZES]
    pretrained = _pretrained(subject, base)
    found = [*pretrained, *_stored(subject, smooth), interpolations[0], *crops[:3], *sizes[:4]]
    found = [*found, *interpolations[1:], *crops[3:], *sizes[4:]]
    if smooth is not base:
        found = [_on(subject, base, one) for one in found]
    return distinct(found, base)


def _smooth(base: Variant) -> Variant:
    """The base without nearest-neighbour interpolation, which spoils every other change; few networks want it."""
    if base.preprocessing.interpolation != "nearest":
        return base
    return replace(base, preprocessing=replace(base.preprocessing, interpolation="bilinear"))


def _on(subject: Subject, base: Variant, one: Variant) -> Variant:
    """The same variant with its settings as seen from the base."""
    words = one.label if "interpolation" in one.label else f"{one.label}, {one.preprocessing.interpolation}"
    return made(subject, base, "geometry", words, one.preprocessing, worth=one.worth)


def around(subject: Subject, base: Variant, best: Variant) -> list[Variant]:
    """What lies around the best variant: sizes between, other crops and interpolations with it."""
    close = [_sized(subject, best, factor) for factor in _AROUND] if _differs_in_size(base, best) else []
    found = [*[_interpolated(subject, best, name) for name in _OTHER[best.preprocessing.interpolation][:2]], *close]
    found += _crops(subject, best)[:2]
    merged = [
        made(subject, base, "geometry", f"{best.label}, {one.label}", one.preprocessing, worth=best.worth)
        for one in distinct(found, best)
    ]
    return distinct(merged, base)


def _differs_in_size(base: Variant, best: Variant) -> bool:
    return base.preprocessing.input_size != best.preprocessing.input_size


def _interpolated(subject: Subject, base: Variant, name: Interpolation) -> Variant:
    return _made(subject, base, f"{name} interpolation", interpolation=name)


def _crops(subject: Subject, base: Variant) -> list[Variant]:
    now = base.preprocessing
    found = []
    if now.resize != "squash":
        found.append(_made(subject, base, "the whole picture squashed to the input", resize="squash"))
    for share in (0.875, 1.0, 0.95):
        if now.resize != "shortest" or abs(now.crop_pct - share) > 0.01:
            words = f"shortest side resized, centre {100 * share:g} % kept"
            found.append(_made(subject, base, words, resize="shortest", crop_pct=share))
    if now.resize != "letterbox":
        found.append(_made(subject, base, "the whole picture with bars", resize="letterbox"))
    return found


def _sized(subject: Subject, base: Variant, factor: float) -> Variant:
    height, width = (max(1, round(side * factor)) for side in base.preprocessing.input_size)
    changes: dict[str, Any] = {"input_size": (height, width)}
    if base.preprocessing.resize == "none":  # pictures are stored at the input size: another one has to be made
        changes["resize"] = "squash"
    return _made(subject, base, f"an input of {height} x {width}", **changes)


def _pretrained(subject: Subject, base: Variant) -> list[Variant]:
    known = subject.model.preprocessing
    keys = ("input_size", "resize", "crop_pct", "interpolation")
    if any(known.get(key) is None for key in keys):
        return []
    return [_made(subject, base, "as the architecture was pretrained", **{key: known[key] for key in keys})]


def _stored(subject: Subject, base: Variant) -> list[Variant]:
    """Pictures as large as they are stored: data sets are often written at the size that was trained on."""
    size = subject.stored_size
    if size is None or size == base.preprocessing.input_size:
        return []
    return [_made(subject, base, f"an input of {size[0]} x {size[1]}, as the pictures are stored", input_size=size)]


def _made(subject: Subject, base: Variant, label: str, **changes: Any) -> Variant:
    changed: Preprocessing = replace(base.preprocessing, **changes)
    area = [size[0] * size[1] for size in (base.preprocessing.input_size, changed.input_size)]
    worth = LARGER_IS_WORTH if area[1] > area[0] else 0.02
    return made(subject, base, "geometry", label, changed, worth=worth)
