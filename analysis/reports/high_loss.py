"""The samples a model is most wrong about."""

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray


def worst_samples(loss: FloatArray, correct: BoolArray, count: int, within: BoolArray | None = None) -> IntArray:
    """Rows of the wrong samples with the largest loss, the largest first.

    Args:
        loss: (N,) cross-entropy in nats; NaN (a label without an output) counts as the largest.
        correct: (N,).
        count: How many at most.
        within: (N,) True where a sample may be chosen; default: all.

    Returns:
        (≤ count,) row numbers; equal losses in row order.
    """
    chosen = np.flatnonzero(~correct if within is None else ~correct & within)
    order = np.argsort(-np.nan_to_num(loss[chosen], nan=np.inf, posinf=np.inf), kind="stable")
    return chosen[order[:count]]
