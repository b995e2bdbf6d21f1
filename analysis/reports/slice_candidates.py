"""Every predicate, the promising pairs and a few triples over metadata columns, the most suspicious first.

Letters: n samples of the searched half, L levels of a column, P predicates over them (levels and ranges).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import lgamma
from typing import TypeAlias

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.reports.class_adjusted import ClassAdjusted
from analysis.reports.metadata_columns import Levels

_PAIRED = 24  # columns that are combined with one another
_PER_COLUMN = 3
_EXTENDED = 8  # pairs that a third predicate is tried for
_SMOOTHING = 0.25  # errors² added to a variance, so that groups that are nearly always right do not stand out
_LEAST_Z = 1.5
_PRICE = 3.0  # 2 is what the best of so many reaches by chance; above it the shorter one wins when in doubt
_POOL = 400

_Predicate: TypeAlias = tuple[int, int, int]  # number of the column, first and last level
_Plan: TypeAlias = tuple[tuple[_Predicate, ...], int, int]  # predicates in place, two columns to combine


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Up to three predicates.

    Attributes:
        predicates: number of the column, first and last level of each.
        score: z² less what the best of so many tries of its length reaches by chance.
    """

    predicates: tuple[_Predicate, ...]
    score: float

    def inside(self, columns: Sequence[Levels], rows: IntArray | None = None) -> BoolArray:
        """(N,) True in all predicates; of some rows only, where they are given."""
        masks = []
        for place, low, high in self.predicates:
            code = columns[place].code if rows is None else columns[place].code[rows]
            masks.append((code >= low) & (code <= high))
        return np.asarray(np.logical_and.reduce(masks))

    def text(self, columns: Sequence[Levels]) -> str:
        """The expression."""
        return " and ".join(columns[place].text(low, high) for place, low, high in self.predicates)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Samples:
    """What the sums are taken of; each (n,)."""

    residual: FloatArray
    variance: FloatArray
    code: Sequence[IntArray]  # a column's levels, −1 moved to L, so that it can be counted


def candidates(
    columns: Sequence[Levels], here: ClassAdjusted, rows: IntArray, *, limits: tuple[int, int]
) -> tuple[list[Candidate], int]:
    """Suspicious slices of the searched half, best first, and how many were looked at.

    Args:
        columns: Levels of all N samples.
        here: the n samples searched.
        rows: (n,) their numbers.
        limits: samples that a slice needs among them, and that it may have.
    """
    code = [np.where((part := one.code[rows]) < 0, one.levels, part).astype(np.int64) for one in columns]
    samples = _Samples(residual=here.residual(), variance=here.variance(), code=code)
    ranges = [one.ranges() for one in columns]
    levels = [one.levels for one in columns]
    singles, tried = _singles(samples, ranges, levels, limits)
    best = np.full(len(columns), -np.inf)
    for candidate in singles:
        place = candidate.predicates[0][0]
        best[place] = max(best[place], candidate.score)
    paired = [int(place) for place in np.sort(np.argsort(-best, kind="stable")[:_PAIRED])]
    pairs, of_pairs = _combined(samples, ranges, levels, [((), i, j) for i, j in combinations(paired, 2)], limits)
    pairs.sort(key=lambda one: -one.score)
    plans = _third(pairs[:_EXTENDED], paired)
    triples, of_triples = _combined(samples, ranges, levels, plans, limits)
    pool = sorted([*singles, *pairs, *triples], key=lambda one: (-one.score, len(one.predicates), one.predicates))
    return pool[:_POOL], tried + of_pairs + of_triples


def range_sums(sums: FloatArray, ranges: IntArray) -> FloatArray:
    """Sums over each range of levels, (P, …), from sums over levels (L + 1, …), the last of which is in no range."""
    before = np.concatenate([np.zeros_like(sums[:1]), np.cumsum(sums, axis=0)])
    return np.asarray(before[ranges[:, 1] + 1] - before[ranges[:, 0]])


def _z(sums: Sequence[FloatArray], n: int, limits: tuple[int, int]) -> FloatArray:
    """Standard deviations by which groups exceed their classes; −inf where too few or too many are inside."""
    total, variance, count = sums
    z = total / np.sqrt(variance * (1 - count / n) + _SMOOTHING)
    return np.asarray(np.where((count >= limits[0]) & (count <= limits[1]), z, -np.inf))


def _singles(
    samples: _Samples, ranges: Sequence[IntArray], levels: Sequence[int], limits: tuple[int, int]
) -> tuple[list[Candidate], int]:
    n = len(samples.residual)
    found, tried = [], sum(len(column_ranges) for column_ranges in ranges)
    for place, code in enumerate(samples.code):
        size = levels[place] + 1
        sums: list[FloatArray] = [
            np.bincount(code, weights, size).astype(np.float64)
            for weights in (samples.residual, samples.variance, None)
        ]
        z = _z([range_sums(part, ranges[place]) for part in sums], n, limits)
        for p in np.argsort(-z, kind="stable")[:_PER_COLUMN]:
            if z[p] >= _LEAST_Z:
                predicate = (place, *_ends(ranges[place], int(p)))
                found.append(Candidate(predicates=(predicate,), score=_score(z[p], sum(levels), 1)))
    return found, tried


def _score(z: float, levels: int, length: int) -> float:
    """Squared z less a price for the number of combinations of so many levels: longer ones have to earn it."""
    return float(z * z - _PRICE * (length * np.log(max(levels, 1)) - lgamma(length + 1)))


def _combined(
    samples: _Samples,
    ranges: Sequence[IntArray],
    levels: Sequence[int],
    plans: Sequence[_Plan],
    limits: tuple[int, int],
) -> tuple[list[Candidate], int]:
    """The best combination of each two columns, beside predicates that are in place already."""
    n = len(samples.residual)
    found: list[tuple[tuple[_Predicate, ...], float]] = []
    tried = 0
    for fixed, i, j in plans:
        inside, shape = _inside(samples, fixed), (levels[i] + 1, levels[j] + 1)
        cell = samples.code[i][inside] * shape[1] + samples.code[j][inside]
        weights = (samples.residual[inside], samples.variance[inside], None)
        cells = [np.bincount(cell, w, shape[0] * shape[1]).astype(np.float64).reshape(shape) for w in weights]
        sums = [range_sums(range_sums(part, ranges[i]).T, ranges[j]).T for part in cells]
        z = _z(sums, n, limits)
        tried += z.size
        p, q = np.unravel_index(int(np.argmax(z)), z.shape)
        if z[p, q] >= _LEAST_Z:
            best = ((i, *_ends(ranges[i], int(p))), (j, *_ends(ranges[j], int(q))))
            found.append((tuple(sorted((*fixed, *best))), float(z[p, q])))
    return [
        Candidate(predicates=predicates, score=_score(z, sum(levels), len(predicates))) for predicates, z in found
    ], tried


def _ends(ranges: IntArray, place: int) -> tuple[int, int]:
    return int(ranges[place, 0]), int(ranges[place, 1])


def _inside(samples: _Samples, fixed: Sequence[_Predicate]) -> BoolArray | slice:
    if not fixed:
        return slice(None)
    return np.asarray(
        np.logical_and.reduce([(samples.code[i] >= low) & (samples.code[i] <= high) for i, low, high in fixed])
    )


def _third(pairs: Sequence[Candidate], paired: Sequence[int]) -> list[_Plan]:
    """A third column for the best pairs: the pair's first predicate stays, the second is fitted anew with it."""
    plans: list[_Plan] = []
    for pair in pairs:
        first, (j, _, _) = pair.predicates
        plans += [((first,), j, k) for k in paired if k not in (first[0], j)]
    return plans
