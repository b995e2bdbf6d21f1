"""Real handwritten digits as picture files, and what is planted in them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from analysis.arrays import BoolArray, IntArray

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SIZE = 32
VALIDATION_SHARE = 0.55


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits:
    """N pictures of handwritten digits: pixels (N, 32, 32) uint8, digit (N,) 0..9, is_validation (N,)."""

    pixels: IntArray
    digit: IntArray
    is_validation: BoolArray


def handwritten_digits(seed: int) -> Digits:
    """Return scikit-learn's 1,797 digits, enlarged from 8 × 8 and split at random into training and validation."""
    small, digit = load_digits(return_X_y=True)
    pixels = np.stack([_enlarge(picture) for picture in small.reshape(-1, 8, 8)])
    is_validation = np.random.default_rng(seed).random(len(digit)) < VALIDATION_SHARE
    return Digits(pixels=pixels, digit=digit.astype(np.int64), is_validation=is_validation)


def flip_labels(digit: IntArray, share: float, rng: np.random.Generator) -> tuple[IntArray, BoolArray]:
    """Replace `share` of the labels by another digit; return the new labels (N,) and which were replaced (N,)."""
    flipped = _choose(len(digit), share, rng)
    wrong = (digit + rng.integers(1, 10, size=len(digit))) % 10
    return np.where(flipped, wrong, digit), flipped


def invert_scans(pixels: IntArray, share: float, rng: np.random.Generator) -> tuple[IntArray, BoolArray]:
    """Turn `share` of the pictures into dark on bright; return pixels (N, H, W) and which were turned (N,)."""
    inverted = _choose(len(pixels), share, rng)
    return np.where(inverted[:, None, None], 255 - pixels, pixels), inverted


def write_pictures(folder: Path, pixels: IntArray) -> list[str]:
    """Write one PNG a picture; return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{index:05d}.png" for index in range(len(pixels))]
    for name, picture in zip(names, pixels, strict=True):
        Image.fromarray(picture.astype(np.uint8)).save(folder / name)
    return names


def _choose(n: int, share: float, rng: np.random.Generator) -> BoolArray:
    chosen = np.zeros(n, dtype=np.bool_)
    chosen[rng.permutation(n)[: round(share * n)]] = True
    return chosen


def _enlarge(picture: IntArray) -> IntArray:
    image = Image.fromarray((picture * 255 / 16).astype(np.uint8))
    return np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
