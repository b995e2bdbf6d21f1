"""What is more frequent in a group of samples than in all: by how much, how surely, and is it more than luck?

Letters: N samples, G groups, C classes, L levels of a column, P ranges of its levels.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, sqrt

import numpy as np
import pandas as pd
from scipy.special import bdtrc

from analysis.arrays import IntArray
from analysis.expressions.names import quoted_name
from analysis.reports.metadata_columns import Levels
from analysis.runs.layout import CLUSTER_FACT_COLUMNS, PIXEL_WORDS

LEAST_COUNT = 5  # samples with a value inside the group, and in all, before it is looked at
LEAST_LIFT = 1.5
ALPHA = 0.05
_Z95 = 1.959963984540054
_TYPES = {"cluster": "int64", "count": "int64"} | dict.fromkeys(
    ("share", "overall", "lift", "lift_low", "lift_high", "p_adjusted"), "float64"
)
_MOST = 4  # values told of one column
_SMOOTHING = 0.5  # a sample's worth, so that a value which only the group has still has an interval


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """A column whose values are looked for.

    Attributes:
        kind: label | prediction | metadata | picture.
        levels: its values.
    """

    kind: str
    levels: Levels


def class_column(kind: str, index: IntArray, class_names: Sequence[str]) -> Column:
    """Labels or predictions as a column.

    Args:
        kind: ``label`` or ``prediction``, its name too.
        index: (N,) class, −1 = none.
        class_names: (C,).
    """
    names = tuple(json.dumps(name, ensure_ascii=False) for name in class_names)
    levels = Levels(name=kind, code=np.asarray(index), first=names, last=names, ordered=False, missing=-1, binned=False)
    return Column(kind=kind, levels=levels)


def over_represented(group: IntArray, columns: Sequence[Column]) -> pd.DataFrame:
    """Values that make up more of a group than of all samples, the surest of each group first.

    Lift = share inside / share among all N. Its 95 % interval is that of the ratio of the shares inside and outside
    (Katz), carried over. A value is told where it has 5 samples inside, a lift of 1.5 and p ≤ 0.05 after Bonferroni
    over every value and range of every column in every group, whether or not it was seen there. Of a column whose
    values order, the best range is told; of others at most four values. Groups are disjoint.

    Args:
        group: (N,) 0 … G − 1, −1 = in none.
        columns: What to look at, N samples each.

    Returns:
        Columns as in `CLUSTER_FACT_COLUMNS`: cluster, kind, column, text (as a filter expression), value, count
        (inside), share and overall (0..1), lift with its bounds, p_adjusted.

    Source:
        Binomial tail (never below the hypergeometric one); Katz et al. 1978 for the interval.
    """
    members = _members(group)
    found: list[tuple[object, ...]] = []
    tests = 0
    for column in columns:
        counted = _Counted(column)
        tests += len(counted.usable) * len(members)
        for number, inside in enumerate(members):
            found += counted.told(number, inside)
    table = pd.DataFrame(found, columns=list(CLUSTER_FACT_COLUMNS)).astype(_TYPES)
    table["p_adjusted"] = np.minimum(1.0, table["p_adjusted"] * tests)
    table = table[table["p_adjusted"] <= ALPHA]
    return table.sort_values(["cluster", "lift_low"], ascending=[True, False], kind="stable", ignore_index=True)


def lift_interval(count: int, size: int, overall: int, n: int) -> tuple[float, float, float]:
    """Lift of a value and the lower and upper end of its 95 % interval.

    Args:
        count: Samples with the value inside.
        size: Samples inside.
        overall: Samples with the value among all.
        n: All samples.
    """
    outside = max(n - size, 0)
    inside_share = (count + _SMOOTHING) / (size + 2 * _SMOOTHING)
    outside_share = (overall - count + _SMOOTHING) / (outside + 2 * _SMOOTHING)
    variance = 1 / (count + _SMOOTHING) - 1 / (size + 2 * _SMOOTHING)
    variance += 1 / (overall - count + _SMOOTHING) - 1 / (outside + 2 * _SMOOTHING)
    half, ratio, weight = _Z95 * sqrt(max(variance, 0.0)), inside_share / outside_share, size / max(n, 1)
    low, high = (r / (weight * r + 1 - weight) for r in (ratio * exp(-half), ratio * exp(half)))
    lift = (count / max(size, 1)) / max(overall / max(n, 1), 1e-12)
    return lift, min(low, lift), max(high, lift)


def _members(group: IntArray) -> list[IntArray]:
    order = np.argsort(group, kind="stable")
    groups = int(group.max(initial=-1)) + 1
    ends = np.searchsorted(group[order], np.arange(groups + 1))
    return [order[start:end] for start, end in pairwise(ends)]


class _Counted:
    """One column with the number of samples in each of its ranges."""

    def __init__(self, column: Column) -> None:
        self.column, self.n = column, len(column.levels.code)
        self.ranges = column.levels.ranges()
        self.overall = self.sums(column.levels.code)
        self.usable = np.flatnonzero((self.overall >= LEAST_COUNT) & (self.overall < self.n))

    def sums(self, code: IntArray) -> IntArray:
        """(P,) samples in each range of levels."""
        counts = np.bincount(code[code >= 0], minlength=self.column.levels.levels)
        before = np.concatenate([[0], np.cumsum(counts)])
        return np.asarray(before[self.ranges[:, 1] + 1] - before[self.ranges[:, 0]])

    def told(self, number: int, inside: IntArray) -> Iterator[tuple[object, ...]]:
        """Rows of one group; `p_adjusted` still without the number of tests."""
        levels, size = self.column.levels, len(inside)
        count = self.sums(levels.code[inside])
        hits, base = count[self.usable], self.overall[self.usable] / max(1, self.n)
        kept = np.flatnonzero((hits >= LEAST_COUNT) & (hits >= LEAST_LIFT * base * size))
        if not len(kept):
            return
        p = bdtrc(hits[kept] - 1, size, base[kept])
        best = np.lexsort((-hits[kept], p))[: 1 if levels.ordered else _MOST]
        for place in best:
            at = int(self.usable[kept[place]])
            first, last = int(self.ranges[at, 0]), int(self.ranges[at, 1])
            lift, low, high = lift_interval(int(count[at]), size, int(self.overall[at]), self.n)
            yield (
                number, self.column.kind, levels.name, levels.text(first, last), _value(levels, first, last),
                int(count[at]), count[at] / size, self.overall[at] / self.n, lift, low, high, float(p[place]),
            )  # fmt: skip


def _value(levels: Levels, first: int, last: int) -> str:
    """A value for a person's eye: ``b``, ``200 to 800``, ``at least 800``, ``missing``."""
    if first == levels.missing:
        return "missing"
    if not levels.ordered or (first == last and not levels.binned):
        text = levels.first[first]
        return str(json.loads(text)) if text.startswith('"') else text
    low, high = levels.first[first].strip('"'), levels.last[last].strip('"')
    if last == levels.ranged - 1:
        return f"at least {low}"
    if first == 0:
        return f"{'below' if levels.binned else 'at most'} {high}"
    return f"{low} to {high}"


def fact_words(row: object) -> str:
    """One row of the table as ``camera = b``, ``iso at least 800``, ``iso missing`` or ``brightness below 40``."""
    column, value = str(row.column), str(row.value)  # type: ignore[attr-defined]
    equal = str(row.text).startswith(f"{quoted_name(column)} = ")  # type: ignore[attr-defined]
    word = PIXEL_WORDS.get(column, column) if row.kind == "picture" else column  # type: ignore[attr-defined]
    return f"{word} = {value}" if equal else f"{word} {value}"
