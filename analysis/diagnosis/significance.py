"""What a difference proves: exact McNemar, intervals, Holm; p is never 0 and never taken for an effect."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, bdtrc

from analysis.arrays import BoolArray, FloatArray, IntArray

Z95 = 1.959963984540054
_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its 95 % interval, in the unit of whatever it estimates."""

    value: float
    low: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> "Interval":
        """A count that has no uncertainty."""
        return cls(value=float(value), low=float(value), high=float(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """Before against after on the same n samples: how many were put right and how many were broken."""

    n: int
    fixed: int
    broken: int
    p: float
    change: Interval

    @property
    def win_share(self) -> float:
        """Fixed among all that changed, 0..1; 0 where nothing changed."""
        changed = self.fixed + self.broken
        return self.fixed / changed if changed else 0.0


def mcnemar(fixed: int, broken: int) -> float:
    """Two-sided exact p that fixing and breaking are equally likely.

    Source: McNemar 1947; exact binomial form.
    """
    changed = fixed + broken
    if changed == 0:
        return 1.0
    return float(np.clip(2 * bdtr(min(fixed, broken), changed, 0.5), _SMALLEST, 1.0))


def paired(before: BoolArray, after: BoolArray, group: IntArray | None = None) -> Paired:
    """Change of accuracy from `before` to `after`, (n,) each, with a 95 % interval.

    The interval is Δ ± 1.96·√(b+c−(b−c)²/n)/n; where nothing changed it is ±3/n (rule of three). With groups of
    several samples it is at least as wide as the variance between groups demands (ratio estimator).

    Args:
        before: (n,) True where correct.
        after: (n,) likewise.
        group: (n,) duplicate group of each sample, if any group has several.
    """
    n = len(before)
    fixed, broken = int((after & ~before).sum()), int((before & ~after).sum())
    if n == 0:
        return Paired(n=0, fixed=0, broken=0, p=1.0, change=Interval(value=0.0, low=-1.0, high=1.0))
    change = (fixed - broken) / n
    half = Z95 * float(np.sqrt(max(fixed + broken - (fixed - broken) ** 2 / n, 0.0))) / n
    half = max(half, 3 / n) if fixed + broken == 0 else half
    p = mcnemar(fixed, broken)
    low, high = change - half, change + half
    if group is not None and fixed + broken:
        low, high, p = _clustered(after.astype(np.float64) - before, group, low, high, p)
    return Paired(
        n=n, fixed=fixed, broken=broken, p=p, change=Interval(value=change, low=max(low, -1.0), high=min(high, 1.0))
    )


def _clustered(
    difference: FloatArray, group: IntArray, low: float, high: float, p: float
) -> tuple[float, float, float]:
    """Widen to the variance between groups; p from whole groups that got better against worse."""
    _, group = np.unique(group, return_inverse=True)
    total, size = np.bincount(group, weights=difference), np.bincount(group)
    change = float(difference.mean())
    half = Z95 * float(np.sqrt(((total - change * size) ** 2).sum())) / len(difference)
    by_group = mcnemar(int((total > 0).sum()), int((total < 0).sum()))
    return min(low, change - half), max(high, change + half), max(p, by_group)


def wilson(hits: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson interval of a share, 0..1; (0, 1) without samples.

    Source: Wilson 1927.
    """
    if n <= 0:
        return 0.0, 1.0
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * float(np.sqrt(max(share * (1 - share), 0) / n + z * z / (4 * n * n))) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def binomial_tail(hits: int, n: int, share: float) -> float:
    """P(X ≥ hits) for X ~ Binomial(n, share), never 0."""
    if hits <= 0:
        return 1.0
    return float(np.clip(bdtrc(hits - 1, n, min(max(share, 0.0), 1.0)), _SMALLEST, 1.0))


def holm(p: Sequence[float]) -> list[float]:
    """Holm-adjusted p in the given order: at most 0.05 means significant within the family.

    Source: Holm 1979.
    """
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    running = 0.0
    for place, i in enumerate(order):
        running = max(running, min(1.0, (len(p) - place) * p[i]))
        adjusted[i] = running
    return [float(value) for value in adjusted]


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Q values (false discovery rate) in the given order.

    Source: Benjamini and Hochberg 1995.
    """
    n = len(p)
    order = np.argsort(p, kind="stable")
    scaled = np.asarray(p)[order] * n / np.arange(1, n + 1)
    q = np.empty(n)
    q[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return q
