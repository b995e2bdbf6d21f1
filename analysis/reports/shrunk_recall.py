"""Recall of classes with few samples: pulled towards what classes of their group usually have.

A class with 0 of 3 right has no recall of 0; it is a class of which little is known. Each class's true recall is taken
as drawn from a beta distribution that is fitted to all classes of the group; what is reported is its posterior.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaincinv, betaln, expit, logit

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.reports.per_class import wilson

LEAST = 10  # samples below which no class is called low, whatever they say
_WEAKEST = 0.05  # α + β of "classes are perfect or hopeless"
_TAIL = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Beta distribution of the classes' recalls: `mean` in (0, 1), `strength` α + β counts as so many samples."""

    mean: float
    strength: float

    @property
    def alpha(self) -> float:
        """First parameter, mean · strength."""
        return self.mean * self.strength

    @property
    def beta(self) -> float:
        """Second parameter, (1 − mean) · strength."""
        return (1 - self.mean) * self.strength


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shrunk:
    """Posterior of C classes: mean and central 95 % interval, NaN without samples.

    `is_low` (C,) is True where at least ten samples say so surely that the class lies below its group's mean, with and
    without the group's help.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    is_low: BoolArray


def fit_prior(successes: IntArray, trials: IntArray) -> Prior | None:
    """The beta-binomial distribution under which the counts of the classes are most likely; None without samples.

    Args:
        successes: (C,) samples that are right.
        trials: (C,) samples; classes without any say nothing.

    Source:
        Maximum likelihood of the beta-binomial: Griffiths 1973, doi 10.2307/2529131. Empirical Bayes: Morris 1983,
        doi 10.1080/01621459.1983.10477920.
    """
    has = trials > 0
    if not has.any():
        return None
    right, samples, kind = _kinds(successes[has], trials[has])
    k, n, classes = right.astype(np.float64), samples.astype(np.float64), np.bincount(kind)

    def loss(point: AnyArray) -> float:
        mean, strength = expit(point[0]), np.exp(point[1])
        a, b = mean * strength, (1 - mean) * strength
        return -float((classes * (betaln(a + k, b + n - k) - betaln(a, b))).sum())

    hits, total = float((k * classes).sum()), float((n * classes).sum())
    least = float(logit(0.5 / (total + 1)))  # half a sample: no group is perfect or hopeless for certain
    start = float(np.clip(logit(np.clip(hits / total, 1e-9, 1 - 1e-9)), least, -least))
    strongest = max(1.0, total)  # a group tells no more about one class than all its samples could
    bounds = [(least, -least), (float(np.log(_WEAKEST)), float(np.log(strongest)))]
    starts = [min(strength, strongest) for strength in (2.0, 50.0, 2000.0)]
    tried = [minimize(loss, [start, np.log(strength)], method="L-BFGS-B", bounds=bounds) for strength in starts]
    best = min(tried, key=lambda found: float(found.fun)).x
    return Prior(mean=float(expit(best[0])), strength=float(np.exp(best[1])))


def shrunk_recall(successes: IntArray, trials: IntArray, group: IntArray) -> Shrunk:
    """Recall of every class given what its group usually has.

    The posterior of a beta prior and k of n right is Beta(α + k, β + n − k).

    Args:
        successes: (C,) samples that are right.
        trials: (C,) samples.
        group: (C,) number of the group that each class is compared with, such as 0 = old, 1 = new.
    """
    value, low, high = (np.full(len(trials), np.nan) for _ in range(3))
    is_low = np.zeros(len(trials), dtype=np.bool_)
    for number in np.unique(group).tolist():
        rows = np.flatnonzero((group == number) & (trials > 0))
        prior = fit_prior(successes[rows], trials[rows])
        if prior is None:
            continue
        k, n, kind = _kinds(successes[rows], trials[rows])
        mean, bottom, top = _posterior(prior, k, n)
        value[rows], low[rows], high[rows] = mean[kind], bottom[kind], top[kind]
        surely = (top < prior.mean) & (wilson(k, n)[1] < successes[rows].sum() / trials[rows].sum()) & (n >= LEAST)
        is_low[rows] = surely[kind]
    return Shrunk(value=value, low=low, high=high, is_low=is_low)


def _kinds(successes: IntArray, trials: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """The distinct pairs (k, n) that occur, and which of them each class has: there are few, whatever C is."""
    codes, kind = np.unique(successes * (int(trials.max()) + 1) + trials, return_inverse=True)
    k, n = np.divmod(codes, int(trials.max()) + 1)
    return k, n, kind.reshape(-1)


def _posterior(prior: Prior, k: IntArray, n: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean and interval for k of n; the mean of a very lopsided posterior may lie beyond its quantiles."""
    a, b = prior.alpha + k, prior.beta + n - k
    mean = a / (a + b)
    return mean, np.minimum(mean, betaincinv(a, b, _TAIL)), np.maximum(mean, betaincinv(a, b, 1 - _TAIL))
