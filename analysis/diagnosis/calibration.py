"""How well confidence tells the share of right answers: bins of equal size, error without its small-sample excess.

Letters: N samples, B bins.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaincc, ndtr

from analysis.arrays import BoolArray, FloatArray, IntArray

BINS = 15
_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """Expected calibration error (ECE) of N answers.

    Attributes:
        error: mean |accuracy − confidence| over the bins, 0..1, with the excess that chance alone gives taken off.
        low, high: 95 % interval. plain: the same without taking anything off.
        over: mean confidence − accuracy; above 0 = too sure.
        p: of no error in any bin (chi-square).
        bins: one row a bin: `bin`, `n`, `confidence`, `accuracy`, `low`, `high` (95 % of the accuracy).
        place: (N,) the bin of each sample.
    """

    error: float
    low: float
    high: float
    plain: float
    over: float
    p: float
    bins: pd.DataFrame
    place: IntArray


def calibration(confidence: FloatArray, correct: BoolArray, *, bins: int = BINS) -> Calibration:
    """Measure the calibration of N ≥ 1 answers.

    A bin of n answers whose accuracy is off by d has a standard error s; chance alone lifts its mean |d| to that of a
    normal distribution folded at 0; this excess, to first order, is taken off.

    Args:
        confidence: (N,) probability of the answer given, 0..1.
        correct: (N,).
        bins: B, of equal size up to one sample; ties in confidence go by position.

    Source:
        Guo et al. 2017, arXiv 1706.04599; debiasing by Kumar et al. 2019, arXiv 1909.10155 (normal approximation).
    """
    n = len(confidence)
    count = min(bins, n)
    place = np.empty(n, dtype=np.int64)
    place[np.argsort(confidence, kind="stable")] = np.arange(n) * count // n
    size = np.bincount(place, minlength=count)
    mean = np.bincount(place, weights=confidence, minlength=count) / size
    right = np.bincount(place, weights=correct, minlength=count) / size
    share = (right * size + 1) / (size + 2)  # a bin without an error is not without doubt
    error, spread = np.abs(right - mean), np.sqrt(share * (1 - share) / size)
    weight = size / n
    z = error / spread
    folded = spread * np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2) + error * (1 - 2 * ndtr(-z))
    value = float(max(0.0, (weight * (2 * error - folded)).sum()))
    half = 1.96 * float(np.sqrt((weight**2 * spread**2).sum()))
    table = pd.DataFrame({"bin": np.arange(count), "n": size, "confidence": mean, "accuracy": right})
    table["low"], table["high"] = np.clip(right - 1.96 * spread, 0, 1), np.clip(right + 1.96 * spread, 0, 1)
    return Calibration(
        error=value,
        low=max(0.0, value - half),
        high=min(1.0, value + half),
        plain=float((weight * error).sum()),
        over=float((weight * (mean - right)).sum()),
        p=float(np.clip(gammaincc(count / 2, (z**2).sum() / 2), _SMALLEST, 1.0)),
        bins=table,
        place=place,
    )
