"""Intervals of shares, for tables that hold a share and its count only."""

import numpy as np

from analysis.arrays import FloatArray

_Z = 1.959964


def wilson_bounds(share: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """95 % bounds of shares (M,) in 0..1 of `n` (M,) trials; 0 and 1 where there were none.

    Source: Wilson 1927, JASA 22.
    """
    n = np.maximum(n, 1e-9)
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return np.minimum(np.clip(middle - reach, 0, 1), share), np.maximum(np.clip(middle + reach, 0, 1), share)
