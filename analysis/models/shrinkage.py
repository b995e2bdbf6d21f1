"""Weights that only shrank: by a factor (weight decay), or by a constant (Adam with an L2 term).

Adam divides a gradient by its own size. Where the gradient is the L2 term alone, every value moves by about the
learning rate a step, whatever its size: small ones reach zero and stay, large ones lose a constant.
"""

import numpy as np

from analysis.arrays import FloatArray

_LARGE = 0.7  # standard deviations
_LARGEST = 1.4
_BEYOND = 1.3  # of the constant
_SLOPE = 0.05
_R2 = 0.99
_LEAST = 100  # values the line is fitted on
_LOOKED_AT = 1_000_000
_WRONG_SIGN = 0.01
_LEAST_MOVED = 0.02  # of the mean magnitude


def soft_threshold(new: FloatArray, old: FloatArray) -> float | None:
    """The share c / mean |old|, where |new| = max(|old| − c, 0) with unchanged signs; None where it is not so.

    Args:
        new: (n,).
        old: (n,) the same values before.

    Source:
        Soft threshold, seen as a line of slope 1 ± 0.05 through the values above 0.7 standard deviations, R² ≥ 0.99.
    """
    step = max(1, len(old) // _LOOKED_AT)
    a, b = new[::step].astype(np.float64), old[::step].astype(np.float64)
    size = np.abs(b)
    largest = size > _LARGEST * b.std()
    lost = float((size - np.abs(a))[largest].mean()) if largest.any() else 0.0
    large = size > max(_LARGE * b.std(), _BEYOND * lost)  # where no value has reached zero
    if int(large.sum()) < _LEAST or not np.isfinite(a).all() or not np.isfinite(b).all():
        return None
    x, y = size[large], np.abs(a[large])
    kept = np.sign(a[large]) * np.sign(b[large])
    if float((kept < 0).mean()) > _WRONG_SIGN or not x.var() or not y.var():
        return None
    slope, intercept = np.polyfit(x, y, 1)
    r2 = float(np.corrcoef(x, y)[0, 1] ** 2)
    share = float(-intercept / size.mean())
    holds = abs(slope - 1) <= _SLOPE and r2 >= _R2 and share >= _LEAST_MOVED
    return share if holds and _small_ones_too(a, b, -float(intercept)) else None


def _small_ones_too(new: FloatArray, old: FloatArray, constant: float) -> bool:
    """Values whose magnitude was below the constant are near zero now: a shift or plain growth does not do that."""
    small = np.abs(old) < 0.5 * constant
    return not small.any() or float(np.median(np.abs(new[small]))) <= 0.5 * constant
