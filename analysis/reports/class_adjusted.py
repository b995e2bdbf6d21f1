"""Does a group of samples fail more than its classes do elsewhere? Test and size of the difference, class by class.

Letters: N samples, C classes. For class k: n_k samples, m_k of them wrong; inside the group n1_k, outside n0_k.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analysis.arrays import BoolArray, FloatArray, IntArray

_Z95 = 1.959963984540054
_SMALLEST = 1e-300
_STRENGTH = (0.5, 1000.0)
_TINY = 5  # samples a class below which shuffling within it says next to nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """Errors of a group beyond what its classes have outside of it.

    Attributes:
        size: samples in the group. errors: wrong ones. expected: wrong ones at the rates of their classes outside.
        low, high: 95 % interval of errors − expected; the uncertainty of the rates outside is in it.
        z: errors beyond those of the same classes, in standard deviations of chance (see `ClassAdjusted.excess`).
        p: one-sided, of that; never 0.
    """

    size: int
    errors: int
    expected: float
    low: float
    high: float
    z: float
    p: float

    @property
    def excess(self) -> float:
        """Errors − expected."""
        return self.errors - self.expected

    @property
    def scale(self) -> float:
        """Expected errors or expected right answers, whichever is fewer (at least half a sample)."""
        return max(0.5, min(self.expected, self.size - self.expected))

    @property
    def relative(self) -> float:
        """How much worse: 0.25 = a quarter more errors than expected, or a quarter fewer right answers."""
        return self.excess / self.scale


class ClassAdjusted:
    """N samples, against which any group of them is judged."""

    def __init__(self, label: IntArray, wrong: BoolArray) -> None:
        """Count samples and errors by class.

        Args:
            label: (N,) class.
            wrong: (N,).
        """
        kinds, self.kind = np.unique(label, return_inverse=True)
        self.kind = self.kind.reshape(-1)
        self.wrong = np.asarray(wrong, dtype=np.bool_)
        self.n = np.bincount(self.kind, minlength=len(kinds)).astype(np.float64)
        self.m = np.bincount(self.kind[self.wrong], minlength=len(kinds)).astype(np.float64)
        # Variance of one sample's share in a sum over a random part of its class (hypergeometric).
        self.spread = np.where(self.n > 1, self.m * (self.n - self.m) / np.maximum(self.n * (self.n - 1), 1), 0.0)
        self.strength = _strength(self.n, self.m)
        self.overall = float(self.m.sum() / max(self.n.sum(), 1))
        self.tiny = len(kinds) > 0 and float(np.median(self.n[self.kind])) < _TINY

    def residual(self) -> FloatArray:
        """(N,) wrong − the class' error rate; with tiny classes, that of its others, drawn towards the overall rate.

        Without tiny classes it sums to 0 in every class.
        """
        if self.tiny:
            return np.asarray(self.wrong - self._rate_of_others())
        return np.asarray(self.wrong - (self.m / np.maximum(self.n, 1))[self.kind])

    def variance(self) -> FloatArray:
        """(N,) what a sample adds to the variance of a small group's sum of residuals."""
        if self.tiny:
            rate = self._rate_of_others()
            return np.asarray(rate * (1 - rate))
        return np.asarray(self.spread[self.kind])

    def _rate_of_others(self) -> FloatArray:
        n, m = self.n[self.kind] - 1, self.m[self.kind] - self.wrong
        return np.asarray((m + self.strength * self.overall) / (n + self.strength))

    def rates_outside(self, inside: BoolArray) -> FloatArray:
        """(N,) expected error rate of each sample: that of its class outside of a group, see `excess`.

        Args:
            inside: (N,) True in the group.
        """
        n1 = np.bincount(self.kind[inside], minlength=len(self.n)).astype(np.float64)
        m1 = np.bincount(self.kind[inside & self.wrong], minlength=len(self.n)).astype(np.float64)
        return np.asarray(self._rates(n1, m1)[self.kind])

    def _rates(self, n1: FloatArray, m1: FloatArray) -> FloatArray:
        n0, m0 = self.n - n1, self.m - m1
        overall = float(m0.sum() / max(n0.sum(), 1))
        return np.asarray((m0 + self.strength * overall) / (n0 + self.strength))

    def excess(self, inside: BoolArray) -> Excess:
        """Judge a group.

        The test shuffles membership within each class (Mantel and Haenszel): a group that is a whole class, or classes
        that are hard everywhere, prove nothing. Where most samples are in classes of fewer than five it would be blind,
        and errors − expected is held against its own variance. The expected errors are indirectly standardised: the
        error rate of each class outside the group, drawn towards the overall rate as far as classes are alike
        (empirical Bayes); a class with no sample outside counts with the errors it has or, among tiny ones, with the
        overall rate.

        Args:
            inside: (N,) True in the group.

        Source:
            Mantel and Haenszel 1959; indirect standardisation, Breslow and Day 1987.
        """
        n1 = np.bincount(self.kind[inside], minlength=len(self.n)).astype(np.float64)
        m1 = np.bincount(self.kind[inside & self.wrong], minlength=len(self.n)).astype(np.float64)
        n0, rate = self.n - n1, self._rates(n1, m1)
        compared = (n1 > 0) & ((n0 > 0) | self.tiny)
        expected = float(np.where(compared, n1 * rate, m1).sum())
        blur = rate * (1 - rate) * n1**2 / (n0 + self.strength + 1)  # of the expected errors
        own = (m1[compared].sum() + 1) / (n1[compared].sum() + 2)
        half = _Z95 * float(np.sqrt(n1[compared].sum() * own * (1 - own) + blur[compared].sum()))
        errors = int(m1.sum())
        if self.tiny:
            z, p = _normal(errors - expected, float((rate * (1 - rate) * n1 + blur)[compared].sum()))
        else:
            z, p = self._shuffled(n1, m1)
        return Excess(
            size=int(n1.sum()),
            errors=errors,
            expected=expected,
            low=errors - expected - half,
            high=errors - expected + half,
            z=z,
            p=p,
        )

    def _shuffled(self, n1: FloatArray, m1: FloatArray) -> tuple[float, float]:
        n = np.maximum(self.n, 1)
        above = float((m1 - n1 * self.m / n).sum())
        return _normal(above, float((n1 * (self.n - n1) / n * self.spread).sum()))


def _normal(above: float, variance: float) -> tuple[float, float]:
    """Standard deviations, and one-sided p with half an error taken off."""
    if variance <= 0:
        return 0.0, 1.0
    corrected = np.sign(above) * max(abs(above) - 0.5, 0.0)
    p = np.clip(ndtr(-corrected / np.sqrt(variance)), _SMALLEST, 1.0)
    return float(above / np.sqrt(variance)), float(p)


def _strength(n: FloatArray, m: FloatArray) -> float:
    """Samples' worth of the overall rate that a class' rate is drawn with; many where classes differ by chance only.

    Source: moments of the beta-binomial (Kleinman 1973).
    """
    total = n.sum()
    if total == 0:
        return _STRENGTH[1]
    overall = m.sum() / total
    within = overall * (1 - overall)
    known = n > 0
    between = float((n[known] * (m[known] / n[known] - overall) ** 2).sum()) - (known.sum() - 1) * within
    between /= max(total - float((n**2).sum()) / total, 1e-9)
    if between <= 0 or within <= 0:
        return _STRENGTH[1]
    return float(np.clip(within / between - 1, *_STRENGTH))
