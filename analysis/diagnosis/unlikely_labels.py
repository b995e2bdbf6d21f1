"""Labels that hard pictures do not explain: classes that the model does not even consider.

On a hard picture a healthy model wavers between two classes, and the label is its second answer. A wrong label can be
any class. So labels beyond the two best answers are counted, and held against as many as the model itself expects once
its confidence is calibrated. Letters: n samples, K stored candidates.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from analysis.arrays import BoolArray, FloatArray, IntArray

_BLOCK = 4096  # samples
_LOG_RANGE = (-3.0, 4.0)  # of the temperature


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnlikelyLabels:
    """Of n samples.

    Attributes:
        best_two: (n, 2) the classes with the largest logits, −1 = none.
        expected: (n,) chance of the calibrated model that the label is neither, 0..1.
        probability: (n, K) of each candidate, calibrated.
    """

    best_two: IntArray
    expected: FloatArray
    probability: FloatArray

    def at(self, rows: IntArray) -> "UnlikelyLabels":
        """Of some of the samples."""
        return UnlikelyLabels(
            best_two=self.best_two[rows], expected=self.expected[rows], probability=self.probability[rows]
        )

    def beyond_two(self, label: IntArray) -> BoolArray:
        """(n,) is a label, (n,), neither of them?"""
        return np.asarray((self.best_two != label[:, None]).all(axis=1))


def unlikely_labels(candidate: IntArray, logit: FloatArray, label: IntArray) -> UnlikelyLabels:
    """Look for the label among the two best answers.

    The temperature is fitted on the choice between the two best answers alone, among samples whose label is one of
    them: wrong labels, which hardly ever are, do not soften it.

    Args:
        candidate: (n, K) class of each stored candidate, −1 = none.
        logit: (n, K) after the repairs, −inf = none.
        label: (n,) class.
    """
    n = len(label)
    z = np.where((candidate >= 0) & np.isfinite(logit), logit, -np.inf)
    if n == 0 or z.shape[1] < 2:
        none = np.full((n, 2), -1)
        return UnlikelyLabels(best_two=none, expected=np.zeros(n), probability=np.ones(z.shape))
    best = np.argpartition(-z, 1, axis=1)[:, :2]
    pair_z, pair = np.take_along_axis(z, best, axis=1), np.take_along_axis(candidate, best, axis=1)
    swap = pair_z[:, 0] < pair_z[:, 1]
    first = np.where(swap, pair[:, 1], pair[:, 0])
    within = (pair == label[:, None]).any(axis=1)
    known = within & np.isfinite(pair_z).all(axis=1)
    gap = np.abs(np.subtract(pair_z[:, 0], pair_z[:, 1], where=known, out=np.zeros(n)))
    temperature = _temperature(gap[known], first[known] == label[known]) if known.any() else 1.0
    z[~np.isfinite(z).any(axis=1)] = 0.0  # all of them infinite: no answer
    p = np.empty_like(z)
    for start in range(0, n, _BLOCK):
        p[start : start + _BLOCK] = softmax(z[start : start + _BLOCK] / temperature, axis=1)
    rest = np.clip(1 - np.take_along_axis(p, best, axis=1).sum(axis=1), 0, 1)
    return UnlikelyLabels(best_two=pair, expected=rest, probability=p)


def _temperature(gap: FloatArray, is_first: BoolArray) -> float:
    """The temperature under which the first of two answers is right as often as the gap of their logits says."""
    sign = np.where(is_first, -1.0, 1.0)

    def loss(log_temperature: float) -> float:
        return float(np.logaddexp(0, sign * gap * np.exp(-log_temperature)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=_LOG_RANGE, method="bounded").x))
