"""Recall of classes by how many training images they have, within old and new.

Letters: C classes.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.significance import Z95, Interval, wilson

EDGES = (8, 20, 100)
NAMES = ("fewer than 8", "8 to 19", "20 to 99", "100 or more")
_TIMES_MORE = 3  # training images of a class that can serve as a reference, against the tail's median
_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassRecord:
    """What is known of each class.

    Attributes:
        counts: (C,) training images. right: (C,) right answers. support: (C,) validation samples.
        is_old: (C,), None without a split.
    """

    counts: IntArray
    right: IntArray
    support: IntArray
    is_old: BoolArray | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TailGap:
    """How far the recall of classes with few training images lies below that of others of the same group.

    Attributes:
        gap: recall of the reference minus that of the tail, mean over tail classes. p: of no gap (t test over classes).
        tail: (C,) classes with few images that have a reference.
        reference: (C,) recall of the reference of each class' group, NaN without one.
    """

    gap: Interval
    p: float
    tail: BoolArray
    reference: FloatArray


def bucket_of(counts: IntArray) -> IntArray:
    """(C,) number of the bucket of each class, 0..3."""
    return np.asarray(np.searchsorted(EDGES, counts, side="right"))


def bucket_table(record: ClassRecord) -> pd.DataFrame:
    """One row a group and bucket: `group`, `bucket`, `classes`, `samples`, `recall` with 95 % bounds `low`, `high`."""
    rows = []
    bucket = bucket_of(record.counts)
    for name, group in _groups(record.is_old, len(record.counts)):
        for place, text in enumerate(NAMES):
            some = group & (bucket == place) & (record.support > 0)
            n, hits = int(record.support[some].sum()), int(record.right[some].sum())
            if n:
                low, high = wilson(hits, n)
                rows.append((name, text, int(some.sum()), n, hits / n, low, high))
    return pd.DataFrame(rows, columns=["group", "bucket", "classes", "samples", "recall", "low", "high"])


def tail_gap(record: ClassRecord, *, fewer_than: int) -> TailGap | None:
    """Compare classes with few training images with those of the same group that have at least three times as many.

    Classes differ in difficulty, so classes and not samples are the units: one hard class among many is no proof.

    Args:
        record: C classes.
        fewer_than: training images of a tail class.

    Returns:
        None where no group has both.
    """
    counts, seen = record.counts, record.support > 0
    recall = np.where(seen, record.right / np.maximum(record.support, 1), np.nan)
    tail, reference = np.zeros(len(counts), dtype=np.bool_), np.full(len(counts), np.nan)
    residual: list[FloatArray] = []
    parts: list[tuple[int, int, float]] = []
    for _, group in _groups(record.is_old, len(counts)):
        few = group & seen & (counts > 0) & (counts < fewer_than)
        least = max(fewer_than, _TIMES_MORE * float(np.median(counts[few]))) if few.any() else fewer_than
        many = group & seen & (counts >= least)
        if many.any():  # a group without such classes tells too how much classes differ
            residual.append(recall[many] - recall[many].mean())
        if few.any() and many.any():
            tail |= few
            reference[group] = recall[many].mean()
            parts.append((int(few.sum()), int(many.sum()), float(recall[many].mean() - recall[few].mean())))
    return _tested(parts, residual, tail, reference)


def _tested(
    parts: list[tuple[int, int, float]], residual: list[FloatArray], tail: BoolArray, reference: FloatArray
) -> TailGap | None:
    freedom = sum(len(one) - 1 for one in residual)
    if not parts or freedom < 1:
        return None
    spread = np.sqrt(max(1e-4, sum(float((one**2).sum()) for one in residual) / freedom))
    total = sum(few for few, _, _ in parts)
    gap = sum(few * difference for few, _, difference in parts) / total
    error = spread * np.sqrt(sum((few / total) ** 2 * (1 / few + 1 / many) for few, many, _ in parts))
    return TailGap(
        gap=Interval(value=gap, low=max(-1.0, gap - Z95 * error), high=min(1.0, gap + Z95 * error)),
        p=float(np.clip(2 * stdtr(freedom, -abs(gap) / error), _SMALLEST, 1.0)),
        tail=tail,
        reference=reference,
    )


def _groups(is_old: BoolArray | None, classes: int) -> list[tuple[str, BoolArray]]:
    if is_old is None:
        return [("all", np.ones(classes, dtype=np.bool_))]
    return [("old", is_old[:classes]), ("new", ~is_old[:classes])]
