"""Two halves of the samples: a fault is undone with what one half teaches and scored on the other.

Copies of one picture stay on one side, classes are spread evenly over both, and the order of the files plays no part.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.duplicate_groups import duplicate_groups
from analysis.runs.run import Run

_SALT = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Halves:
    """N samples in two halves.

    Attributes:
        second: (N,) True in the second half.
        group: (N,) number of the duplicate group, 0..G−1.
        grouped: True if any group has more than one sample.
    """

    second: BoolArray
    group: IntArray
    grouped: bool


def halves(content_hash: IntArray, label: IntArray, *, salt: int = _SALT) -> Halves:
    """Split N samples into halves by picture, evenly within each class.

    Args:
        content_hash: (N,) int64, equal for copies of one picture.
        label: (N,) class indices; a group with several labels counts for its smallest.
        salt: Another number gives another split.
    """
    keys, group = np.unique(content_hash, return_inverse=True)
    group = group.reshape(-1)
    label_of_group = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(label_of_group, group, label)
    mixed = _mix(keys.astype(np.int64).view(np.uint64) ^ np.uint64(salt))
    order = np.lexsort((mixed, label_of_group))
    sorted_label = label_of_group[order]
    start = np.flatnonzero(np.r_[True, sorted_label[1:] != sorted_label[:-1]]) if len(order) else np.zeros(0, np.int64)
    place = np.arange(len(order)) - np.repeat(start, np.diff(np.r_[start, len(order)]))
    flip = _mix(sorted_label.astype(np.int64).view(np.uint64) ^ np.uint64(salt)) >> np.uint64(63)
    second = np.zeros(len(keys), dtype=np.bool_)
    second[order] = (place + flip.astype(np.int64)) % 2 == 1
    return Halves(second=second[group], group=group, grouped=len(keys) < len(content_hash))


def halves_of(run: Run) -> Halves:
    """The halves of a run's samples; copies of a picture, near ones included, stay on one side."""
    if not run.has_samples:
        return halves(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    return halves(duplicate_groups(run), run.column("label_index"))


def _mix(value: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    """Splitmix64: every input bit moves every output bit."""
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)))
