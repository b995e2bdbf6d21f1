"""Where a slice begins and ends: its ranges moved to where the error rate inside stands out most.

The search ranks by how surely a slice fails, and where few others fail that hardly falls as right samples are taken in:
twice the group, the same errors. What people see should be the group itself.

Letters: n samples of the searched half, L levels of a column, P ranges of them.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import xlogy

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.reports.class_adjusted import ClassAdjusted
from analysis.reports.metadata_columns import Levels
from analysis.reports.slice_candidates import Candidate, range_sums

_ROUNDS = 2
_NEARLY = 1.92  # nats: half of the 95 % quantile of χ² with one degree of freedom


def with_limits(
    candidate: Candidate, columns: Sequence[Levels], here: ClassAdjusted, rows: IntArray, *, limits: tuple[int, int]
) -> Candidate:
    """The candidate with its ranges where a higher error rate inside is likeliest, where the found ones surely are not.

    The same columns, one range after the other, twice; categories stay as they are. Surely: beyond 95 %. Of ranges
    that are not surely less likely than the likeliest the one with most samples is taken: chance alone makes some part
    of every group look worse than the rest. What is expected of a sample is the error rate of its class outside of the
    candidate as it came.

    Args:
        candidate: what the search found.
        columns: Levels of all N samples.
        here: the n samples searched.
        rows: (n,) their numbers.
        limits: samples that a slice needs among them, and that it may have.

    Source:
        Kulldorff 1997 (scan statistics), with the binomial likelihood.
    """
    expected = here.rates_outside(candidate.inside(columns, rows))
    predicates = list(candidate.predicates)
    for _ in range(_ROUNDS):
        for place, (column, _, _) in enumerate(predicates):
            if columns[column].ordered:
                others = [one for number, one in enumerate(predicates) if number != place]
                among = Candidate(predicates=tuple(others), score=0.0).inside(columns, rows) if others else ...
                facts = (columns[column].code[rows][among], here.wrong[among], expected[among])
                predicates[place] = column, *_range(columns[column], facts, predicates[place][1:], limits)
    return Candidate(predicates=tuple(predicates), score=candidate.score)


def _range(
    column: Levels, facts: tuple[IntArray, BoolArray, FloatArray], now: tuple[int, int], limits: tuple[int, int]
) -> tuple[int, int]:
    """First and last level; those at hand where no other range is surely likelier."""
    code, wrong, expected = facts
    code = np.where(code < 0, column.levels, code.astype(np.int64))
    sums = [
        np.bincount(code, weights, column.levels + 1).astype(np.float64)
        for weights in (None, wrong.astype(np.float64), expected)
    ]
    ranges = column.ranges()
    size, errors, usual = (range_sums(part, ranges) for part in sums)
    likelihood = np.where((size >= limits[0]) & (size <= limits[1]), _likelihood(size, errors, usual), -np.inf)
    nearly = likelihood.max(initial=0.0) - _NEARLY
    if likelihood[(ranges == now).all(axis=1)].max(initial=-np.inf) >= nearly:
        return now
    size[likelihood < nearly] = 0
    low, high = ranges[int(np.argmax(size))].tolist()
    return int(low), int(high)


def _likelihood(size: FloatArray, errors: FloatArray, expected: FloatArray) -> FloatArray:
    """(P,) ln of how much likelier the errors are at their own rate than at the expected one; 0 where it is lower."""
    usual = np.clip(expected / np.maximum(size, 1), 1e-4, 1 - 1e-4)
    rate = errors / np.maximum(size, 1)
    gained = xlogy(errors, rate / usual) + xlogy(size - errors, (1 - rate) / (1 - usual))
    return np.asarray(np.where(rate > usual, gained, 0.0))
