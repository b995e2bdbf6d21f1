"""Bases of real handwritten digits: single ones (10 classes) and strings of three by several hands (1,000 classes)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits

from analysis.arrays import AnyArray, IntArray
from tests.benchmarks.planted_faults import network
from tests.benchmarks.planted_faults.base import Base
from tests.benchmarks.planted_faults.network import small_network
from tests.benchmarks.planted_faults.training import State, expand, fit

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
OLD_SHARE = 0.7
VAL_PER_STRING, TRAIN_PER_STRING = 5, 16
SIZE = 16
Draw = Callable[[np.random.Generator], tuple[AnyArray, IntArray]]


def digits(seed: int, cache: Path) -> Base:
    """Ten classes, named in words; half of scikit-learn's 1,797 digits are for validation."""
    pixels, digit, is_validation = _digits(seed)
    names = tuple(sorted(WORDS))
    label = np.array([names.index(word) for word in WORDS])[digit]
    train = pixels[~is_validation], label[~is_validation]
    return _base(
        "digits", seed, cache, names=names, val=(pixels[is_validation], label[is_validation]), train=train,
        draw=lambda rng: train, epochs=12,
    )  # fmt: skip


def strings(seed: int, cache: Path) -> Base:
    """A thousand classes "000" to "999": three digits side by side, each by another hand."""
    pixels, digit, is_validation = _digits(seed)
    names = tuple(f"{number:03d}" for number in range(1000))
    fixed = np.random.default_rng(seed + 1)
    val = _strings(pixels[is_validation], digit[is_validation], VAL_PER_STRING, fixed)
    train = _strings(pixels[~is_validation], digit[~is_validation], TRAIN_PER_STRING, fixed)

    def draw(rng: np.random.Generator) -> tuple[AnyArray, IntArray]:
        return _strings(pixels[~is_validation], digit[~is_validation], TRAIN_PER_STRING, rng)

    return _base("strings", seed, cache, names=names, val=val, train=train, draw=draw, epochs=8)


def _digits(seed: int) -> tuple[AnyArray, IntArray, AnyArray]:
    small, digit = load_digits(return_X_y=True)
    pictures = [Image.fromarray((p.reshape(8, 8) * (255 / 16)).astype(np.uint8)) for p in small]
    pixels = np.stack([np.asarray(p.resize((SIZE, SIZE), Image.Resampling.BICUBIC)) for p in pictures])
    return pixels, digit.astype(np.int64), np.random.default_rng(seed).random(len(digit)) < 0.5


def _strings(pixels: AnyArray, digit: IntArray, each: int, rng: np.random.Generator) -> tuple[AnyArray, IntArray]:
    label = np.repeat(np.arange(1000), each)
    places = []
    for place in (label // 100, label // 10 % 10, label % 10):
        chosen = np.zeros(len(label), dtype=np.int64)
        for value in range(10):
            at = np.flatnonzero(place == value)
            chosen[at] = rng.choice(np.flatnonzero(digit == value), len(at))
        places.append(pixels[chosen])
    return np.concatenate(places, axis=2), label


def _base(
    name: str, seed: int, cache: Path, *, names: tuple[str, ...], val: tuple[AnyArray, IntArray],
    train: tuple[AnyArray, IntArray], draw: Draw, epochs: int,
) -> Base:  # fmt: skip
    chosen = np.sort(np.random.default_rng(seed + 2).permutation(len(names))[: round(OLD_SHARE * len(names))])
    state, old_state = _trained(cache / f"{name}-{seed}.pth", len(names), chosen, draw, epochs, seed)
    height, width = val[0].shape[1:3]
    return Base(
        name=name,
        names=names,
        old=tuple(names[index] for index in chosen),
        val_pixels=val[0],
        val_label=val[1],
        train_pixels=train[0],
        train_label=train[1],
        preprocessing={
            "input_size": [height, width], "resize": "squash", "interpolation": "bilinear", "mean": [0.0],
            "std": [1.0], "channels": "gray",
        },
        architecture="network.py:small_network",
        factory=Path(network.__file__),
        build=small_network,
        state=state,
        old_state=old_state,
        head=("13.weight", "13.bias"),
        inputs=lambda pixels: torch.from_numpy(np.ascontiguousarray(pixels)).float().div(255)[:, None],
        penalty=1e-3 if len(names) > 100 else 0.05,
    )  # fmt: skip


def _trained(file: Path, classes: int, old: IntArray, draw: Draw, epochs: int, seed: int) -> tuple[State, State]:
    """The model for all classes, expanded from the one for the old classes; cached."""
    if file.is_file():
        kept = torch.load(file, weights_only=True)
        return kept["state"], kept["old_state"]
    place = np.full(classes, -1)
    place[old] = np.arange(len(old))

    def draw_old(rng: np.random.Generator) -> tuple[AnyArray, IntArray]:
        pixels, label = draw(rng)
        known = place[label] >= 0
        return pixels[known], place[label][known]

    torch.manual_seed(seed)
    before = fit(small_network(len(old)), draw_old, epochs=epochs, seed=seed)
    after = fit(expand(small_network(classes), before.state_dict(), old), draw, epochs=epochs, seed=seed + 1)
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"state": after.state_dict(), "old_state": before.state_dict()}, file)
    return after.state_dict(), before.state_dict()
