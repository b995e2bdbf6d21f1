"""The run itself as a variant, and variants of the preprocessing from what is changed in it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analysis.arrays import IntArray
from analysis.datasets.preprocessing import Preprocessing
from analysis.reruns.conversions import Conversion
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant, variant_id

_TOGETHER = ("channels", "mean", "std")


def as_it_was(subject: Subject) -> Variant:
    """The run itself, which every search starts from."""
    return Variant(id="", axis="", base="", label="as it was", preprocessing=subject.preprocessing)


def made(
    subject: Subject,
    base: Variant,
    axis: str,
    label: str,
    changed: Preprocessing | None = None,
    *,
    conversion: Conversion | None = None,
    rows: IntArray | None = None,
    worth: float = 0.02,
) -> Variant:
    """A variant of the base that differs in the preprocessing or in the conversion.

    Args:
        subject: What is re-run.
        base: It differs from this one.
        axis: In this axis.
        label: In words.
        changed: The preprocessing, all of it; None = the base's.
        conversion: The conversion; None = the base's.
        rows: The only samples that it can change; None = all.
        worth: Smallest gain of accuracy that counts.
    """
    now, main = base.preprocessing, subject.preprocessing.input_size
    changed = changed or now
    settings = _difference(now, changed) | ({} if conversion is None else {"conversion": conversion})
    return replace(
        base,
        id=variant_id(*filter(None, (base.id, axis, label))),
        axis=axis,
        base=base.id,
        label=label,
        preprocessing=changed,
        settings=settings,
        conversion=conversion or base.conversion,
        rows=rows,
        cost=changed.input_size[0] * changed.input_size[1] / (main[0] * main[1]),
        worth=worth,
        sure=False,
    )


def distinct(variants: Sequence[Variant], base: Variant) -> list[Variant]:
    """Without those that change nothing, or the same as one before."""
    seen = {(base.preprocessing.digest(), base.conversion)}
    found = []
    for variant in variants:
        key = variant.preprocessing.digest(), variant.conversion
        if key not in seen:
            seen.add(key)
            found.append(variant)
    return found


def _difference(now: Preprocessing, changed: Preprocessing) -> dict[str, Any]:
    """Keys of `[preprocessing]` to set; channel order, mean and std always together, as they are meant together."""
    before, after = now.as_dict(), changed.as_dict()
    keys = [name for name in after if name != "provenance" and before[name] != after[name]]
    if set(keys) & set(_TOGETHER):
        keys = [name for name in after if name in keys or name in _TOGETHER]
    return {name: after[name] for name in keys}
