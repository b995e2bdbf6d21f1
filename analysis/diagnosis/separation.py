"""Does a score tell two kinds of samples apart at all? Rank sums of many small comparisons, added up.

Source: Mann and Whitney 1947; stratified as van Elteren 1960, every stratum weighted by its pairs.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr
from scipy.stats import rankdata

from analysis.arrays import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Pairs of one sample of either kind: how many there are, in how many the first kind scores higher (ties half).

    Attributes:
        higher: such pairs. pairs: all of them. variance: of `higher` where the score says nothing.
    """

    higher: float = 0.0
    pairs: float = 0.0
    variance: float = 0.0

    def __add__(self, other: "Separation") -> "Separation":
        return Separation(
            higher=self.higher + other.higher,
            pairs=self.pairs + other.pairs,
            variance=self.variance + other.variance,
        )

    @property
    def auc(self) -> float:
        """Area under the ROC curve, 0..1; ½ where the score says nothing or nothing was compared."""
        return self.higher / self.pairs if self.pairs else 0.5

    @property
    def p(self) -> float:
        """One-sided p that the first kind does not score higher (normal approximation); 1 without pairs."""
        if self.variance <= 0:
            return 1.0
        return float(ndtr(-(self.higher - self.pairs / 2) / np.sqrt(self.variance)))


def separation(score: FloatArray, is_first: BoolArray) -> Separation:
    """Compare the samples of the first kind with the others.

    Args:
        score: (n,) may be infinite; NaN counts as smallest.
        is_first: (n,).
    """
    first, second = int(is_first.sum()), int((~is_first).sum())
    if not first or not second:
        return Separation()
    rank = rankdata(np.where(np.isnan(score), -np.inf, score))
    higher = float(rank[is_first].sum()) - first * (first + 1) / 2
    return Separation(higher=higher, pairs=first * second, variance=first * second * (first + second + 1) / 12)
