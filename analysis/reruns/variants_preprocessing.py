"""Variants of the preprocessing: normalization, channel order, geometry."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analysis.datasets.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Channels, Preprocessing
from analysis.reruns.axis import Axis
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant, variant_id

_CLIP = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_CAFFE = (103.939 / 255, 116.779 / 255, 123.68 / 255), (1 / 255,) * 3  # blue first
_COLOUR = (
    ("mean and std of ImageNet", IMAGENET_MEAN, IMAGENET_STD),
    ("pixels from -1 to 1", (0.5,) * 3, (0.5,) * 3),
    ("pixels from 0 to 1", (0.0,) * 3, (1.0,) * 3),
    ("mean and std of CLIP", *_CLIP),
    ("pixels from 0 to 255", (0.0,) * 3, (1 / 255,) * 3),
)
_GRAY = (
    ("pixels from 0 to 1", (0.0,), (1.0,)),
    ("pixels from -1 to 1", (0.5,), (0.5,)),
    ("mean and std of ImageNet, gray", (0.449,), (0.226,)),
    ("mean and std of MNIST", (0.1307,), (0.3081,)),
    ("pixels from 0 to 255", (0.0,), (1 / 255,)),
)


def normalizations(subject: Subject, base: Variant) -> list[Variant]:
    """Other means and standard deviations."""
    now = base.preprocessing
    known = subject.model.preprocessing
    proposed: list[tuple[str, Sequence[float], Sequence[float]]] = []
    if known.get("mean") is not None and known.get("std") is not None:
        proposed.append(("mean and std the architecture was pretrained with", known["mean"], known["std"]))
    proposed += _GRAY if now.channel_count == 1 else _COLOUR
    proposed.append(("normalised once instead of twice", *_undone(now)))
    proposed.append(("normalised twice", *_twice(now)))
    found = []
    for words, mean, std in proposed:
        if len(mean) == len(std) == now.channel_count:
            changed = replace(now, mean=_plain(mean), std=_plain(std))
            found.append(
                _variant("normalization", base, words, changed, subject=subject, mean=changed.mean, std=changed.std)
            )
    if now.channel_count == 3:
        changed = replace(now, mean=_CAFFE[0], std=_CAFFE[1], channels="bgr")
        words = "blue first, 0 to 255 minus the mean, as Caffe does"
        found.append(
            _variant(
                "normalization",
                base,
                words,
                changed,
                subject=subject,
                mean=changed.mean,
                std=changed.std,
                channels="bgr",
            )
        )
    return _distinct(found, now)


def channel_orders(subject: Subject, base: Variant) -> list[Variant]:
    """The other order of red and blue; gray in three channels."""
    now = base.preprocessing
    if now.channel_count != 3:
        return []
    order: Channels = "rgb" if now.channels == "bgr" else "bgr"
    words = f"channels in {order.upper()} order"
    kept = replace(now, channels=order)
    turned = replace(kept, mean=now.mean[::-1], std=now.std[::-1])
    found = [_variant("channels", base, words, kept, subject=subject, channels=order)]
    if turned != kept:
        words = f"{words}, mean and std turned with them"
        found.append(
            _variant("channels", base, words, turned, subject=subject, channels=order, mean=turned.mean, std=turned.std)
        )
    gray = _variant("channels", base, "gray pictures in three channels", now, conversion="gray", subject=subject)
    return [*found, replace(gray, conversion="gray")]


def _undone(now: Preprocessing) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What (m, s) was, if now is it twice: M = m + m·s, S = s²."""
    std = tuple(value**0.5 for value in now.std)
    return tuple(mean / (1 + s) for mean, s in zip(now.mean, std, strict=True)), std


def _twice(now: Preprocessing) -> tuple[tuple[float, ...], tuple[float, ...]]:
    pairs = list(zip(now.mean, now.std, strict=True))
    return tuple(mean + mean * std for mean, std in pairs), tuple(std * std for _, std in pairs)


def _plain(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)


def _variant(
    axis: str, base: Variant, words: str, changed: Preprocessing, *, subject: Subject, **settings: Any
) -> Variant:
    now = subject.preprocessing.input_size
    return Variant(
        id=variant_id(base.id, axis, words) if base.id else variant_id(axis, words),
        axis=axis,
        base=base.id,
        label=words,
        preprocessing=changed,
        settings=settings,
        network=base.network,
        precision=base.precision,
        conversion=base.conversion,
        cost=changed.input_size[0] * changed.input_size[1] / (now[0] * now[1]),
    )


def _distinct(variants: Sequence[Variant], now: Preprocessing) -> list[Variant]:
    """Without those that change nothing, or the same as one before."""
    seen = {now.digest()}
    found = []
    for variant in variants:
        if (digest := variant.preprocessing.digest()) not in seen:
            seen.add(digest)
            found.append(variant)
    return found


PREPROCESSING_AXES = (
    Axis(name="normalization", share=3.0, propose=normalizations),
    Axis(name="channels", share=1.5, propose=channel_orders),
)
