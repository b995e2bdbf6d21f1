"""How often each class was seen in training, and offsets that follow from it.

Letters: n samples, C classes, G = 2 groups (old, new).
"""

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.repairs import Shift
from analysis.diagnosis.view import View

FEW = 8  # images; a class with fewer has a fault of its own


def train_counts(view: View) -> IntArray:
    """(C,) training images of each class, 0 where none is known."""
    known = view.run.classes["train_count"].to_numpy(dtype=np.float64, na_value=0.0)
    counts = np.zeros(view.classes, dtype=np.int64)
    counts[: len(known)] = known[: view.classes].astype(np.int64)
    return counts


def log_prior(counts: IntArray, *, few_left_out: bool) -> FloatArray:
    """(C,) log of each class' share of the training images, minus its mean over classes with at least 8.

    Args:
        counts: (C,) images; fewer than one counts as one.
        few_left_out: classes with fewer than 8 get 0, so that offsets leave them where they are.
    """
    enough = counts >= FEW
    value = np.log(np.maximum(counts, 1).astype(np.float64))
    value -= value[enough].mean() if enough.any() else value.mean()
    return np.asarray(np.where(enough, value, 0.0) if few_left_out else value)


def shift_by_class(view: View, offset: FloatArray, *, parameters: int) -> Shift:
    """Add an offset of each class, (C,), to the output that stands for it."""
    known = view.predictions.column_class
    return Shift(offset=np.where(known >= 0, offset[np.maximum(known, 0)], 0.0), parameters=parameters)


def macro_weights(label: IntArray) -> FloatArray:
    """(n,) weights that make every class that occurs count the same; they sum to n."""
    size = np.bincount(label)
    return np.asarray(len(label) / (np.count_nonzero(size) * size[label]))


def clear_gain(before: BoolArray, after: BoolArray, weight: FloatArray | None = None) -> float:
    """Weighted right answers gained, in standard errors of that difference; 0 where nothing changes."""
    step = after.astype(np.float64) - before
    step = step if weight is None else step * weight
    spread = float(np.sqrt((step**2).sum()))
    return float(step.sum()) / spread if spread else 0.0
