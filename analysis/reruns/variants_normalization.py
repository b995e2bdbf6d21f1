"""Other means, standard deviations and ranges."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.datasets.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Preprocessing
from analysis.errors import ImageError
from analysis.reruns.conversions import pixels_of
from analysis.reruns.sampling import asking_order
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant
from analysis.reruns.variant_making import distinct, made

Values = Sequence[float]
_LOOKED_AT = 64  # pictures, for the data's own mean and std
_COLOUR: tuple[tuple[str, Values, Values], ...] = (
    ("mean and std of ImageNet", IMAGENET_MEAN, IMAGENET_STD),
    ("pixels from -1 to 1", (0.5,) * 3, (0.5,) * 3),
    ("pixels from 0 to 1", (0.0,) * 3, (1.0,) * 3),
    ("mean and std of CLIP", (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    ("pixels from 0 to 255", (0.0,) * 3, (1 / 255,) * 3),
)
_GRAY: tuple[tuple[str, Values, Values], ...] = (
    ("pixels from 0 to 1", (0.0,), (1.0,)),
    ("pixels from -1 to 1", (0.5,), (0.5,)),
    ("mean and std of MNIST", (0.1307,), (0.3081,)),
    ("mean and std of ImageNet, gray", (0.449,), (0.226,)),
    ("pixels from 0 to 255", (0.0,), (1 / 255,)),
)
_CAFFE = (103.939 / 255, 116.779 / 255, 123.68 / 255), (1 / 255,) * 3  # blue first


def normalizations(subject: Subject, base: Variant) -> list[Variant]:
    """Means and standard deviations that other people, or the same ones, might have trained with."""
    now = base.preprocessing
    found = []
    for words, mean, std in _proposed(subject, now):
        if len(mean) == len(std) == now.channel_count:
            changed = replace(now, mean=_plain(mean), std=_plain(std))
            found.append(made(subject, base, "normalization", words, changed))
    if now.channel_count == 3:
        changed = replace(now, mean=_plain(_CAFFE[0]), std=_plain(_CAFFE[1]), channels="bgr")
        found.append(made(subject, base, "normalization", "blue first, 0 to 255 minus the mean", changed))
    else:
        found.append(made(subject, base, "normalization", "dark and light swapped", conversion="inverted"))
    return distinct(found, base)


def _proposed(subject: Subject, now: Preprocessing) -> list[tuple[str, Values, Values]]:
    known = subject.model.preprocessing
    own = _of_the_data(subject, now)
    pretrained = ("as the architecture was pretrained", known.get("mean") or (), known.get("std") or ())
    usual = _GRAY if now.channel_count == 1 else _COLOUR
    unusual = (("normalised once instead of twice", *_undone(now)), ("normalised twice", *_twice(now)))
    return [pretrained, *usual, *([own] if own is not None else []), *unusual]


def _of_the_data(subject: Subject, now: Preprocessing) -> tuple[str, Values, Values] | None:
    """Mean and std of these very pictures, as many people compute them for their own data."""
    rows = asking_order(subject.label, subject.seed)[:_LOOKED_AT]
    try:
        pixels = np.stack([pixels_of(subject.path(int(row)), now, "usual") for row in rows]) / 255.0
    except (ImageError, ValueError):
        return None
    mean, std = pixels.mean(axis=(0, 1, 2)), pixels.std(axis=(0, 1, 2))
    if (std < 1e-3).any():
        return None
    return "mean and std of these pictures", np.round(mean, 3).tolist(), np.round(std, 3).tolist()


def _undone(now: Preprocessing) -> tuple[Values, Values]:
    """What (m, s) was, if now is it twice: M = m + m·s, S = s²."""
    std = tuple(value**0.5 for value in now.std)
    return tuple(mean / (1 + s) for mean, s in zip(now.mean, std, strict=True)), std


def _twice(now: Preprocessing) -> tuple[Values, Values]:
    pairs = list(zip(now.mean, now.std, strict=True))
    return tuple(mean + mean * std for mean, std in pairs), tuple(std * std for _, std in pairs)


def _plain(values: Values) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)
