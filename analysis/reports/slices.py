"""Which describable groups of samples fail more than their classes do: searched on one half, proven on the other.

A slice is up to three predicates over metadata columns, such as ``camera = "b" and iso >= 800``. Letters: N samples,
L levels of a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, IntArray
from analysis.reports.class_adjusted import ClassAdjusted, Excess
from analysis.reports.metadata_columns import Levels, least_support
from analysis.reports.slice_candidates import Candidate, candidates
from analysis.reports.slice_limits import with_limits

_SURVIVORS = 10
_OVERLAP = 0.7  # Jaccard index above which two slices are the same
_SUSPECT = 2.0  # standard deviations in the searched half, beyond the slices already found
_ALPHA = 0.05
_LEAST_RELATIVE = 0.25  # a quarter more errors, or a quarter fewer right answers, for certain
_LEAST_EXCESS = 5.0  # errors in the held-out half

COLUMNS = (
    "slice", "predicates", "size", "errors", "error_rate", "expected_errors", "excess_errors", "found_z",
    "held_out_size", "held_out_errors", "held_out_expected", "held_out_excess", "excess_low", "excess_high",
    "p", "p_adjusted", "failing",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slice:
    """A candidate that one half suggested, judged on the other.

    Attributes:
        text: expression, as filters write it. columns: that it speaks of.
        inside: (N,) True in the slice.
        whole: judged on all samples. held_out: on the half that did not suggest it.
        found_z: standard deviations in the half that suggested it.
        p: one-sided, held-out, of its samples that lie in no slice before it. p_adjusted: within all candidates (Holm).
        failing: p_adjusted at most 0.05, at least a quarter worse for certain, at least 5 errors too many.
    """

    text: str
    columns: tuple[str, ...]
    inside: BoolArray
    whole: Excess
    held_out: Excess
    found_z: float
    p: float
    p_adjusted: float
    failing: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SliceSearch:
    """At most ten candidates, the most suspicious first."""

    slices: tuple[Slice, ...]
    tried: int  # predicates and combinations looked at
    searched: int  # samples of the searched half
    held_out: int

    @property
    def failing(self) -> tuple[Slice, ...]:
        """Those that held."""
        return tuple(one for one in self.slices if one.failing)

    def table(self) -> pd.DataFrame:
        """One row a candidate; columns as in `COLUMNS`."""
        return pd.DataFrame([_row(one) for one in self.slices], columns=list(COLUMNS))


def find_slices(
    columns: Sequence[Levels], label: IntArray, wrong: BoolArray, second: BoolArray, *, most: float = 1.0
) -> SliceSearch:
    """Search the first half for slices with more errors than their classes have, and test at most ten on the second.

    Numbers make ranges between quantiles, categories stand as they are; pairs of the most suspicious columns are tried,
    and the best pairs with a third column. Candidates are taken one by one, each judged by the samples that the ones
    before leave over; of two that are nearly the same (Jaccard above 0.7) the shorter stands.

    Args:
        columns: Levels of N samples each.
        label: (N,) class.
        wrong: (N,) True where the prediction is wrong.
        second: (N,) True in the held-out half; copies of a picture must lie on one side.
        most: share (0..1) of the samples that a slice may have.

    Source:
        Lattice search as in SliceLine (Sagadeeva and Boehm 2021), with class-adjusted errors and a held-out test.
    """
    first = np.flatnonzero(~second)
    here = ClassAdjusted(label[first], wrong[first])
    least = max(1, least_support(len(label)) // 2)
    limits = (least, min(int(most * len(first)), len(first) - least))
    pool, tried = candidates(columns, here, first, limits=limits)
    chosen = _distinct(pool, columns, first, here, limits)
    rest = np.flatnonzero(second)
    there, whole = ClassAdjusted(label[rest], wrong[rest]), ClassAdjusted(label, wrong)
    found: list[Slice] = []
    covered = np.zeros(len(label), dtype=np.bool_)
    for candidate, z in chosen:
        inside = candidate.inside(columns)
        alone = there.excess((inside & ~covered)[rest])
        covered |= inside
        found.append(
            Slice(
                text=candidate.text(columns),
                columns=tuple(columns[place].name for place, _, _ in candidate.predicates),
                inside=inside,
                whole=whole.excess(inside),
                held_out=there.excess(inside[rest]),
                found_z=z,
                p=alone.p,
                p_adjusted=1.0,
                failing=False,
            )
        )
    return SliceSearch(slices=_judged(found), tried=tried, searched=len(first), held_out=len(rest))


def _distinct(
    pool: Sequence[Candidate], columns: Sequence[Levels], rows: IntArray, here: ClassAdjusted, limits: tuple[int, int]
) -> list[tuple[Candidate, float]]:
    """At most ten, each with errors that those before it do not have."""
    chosen: list[tuple[Candidate, float]] = []
    masks: list[BoolArray] = []
    covered = np.zeros(len(rows), dtype=np.bool_)
    for candidate in pool:
        if len(chosen) == _SURVIVORS:
            break
        inside = candidate.inside(columns, rows)
        if any(_jaccard(inside, other) > _OVERLAP for other in masks):
            continue
        z = here.excess(inside).z
        if z < _SUSPECT or here.excess(inside & ~covered).z < _SUSPECT:
            continue
        shorter = next((one for one in pool if _stands_for(one, candidate, inside, columns, rows)), candidate)
        shorter = with_limits(shorter, columns, here, rows, limits=limits)
        inside = shorter.inside(columns, rows)
        if any(_jaccard(inside, other) > _OVERLAP for other in masks):
            continue
        chosen.append((shorter, here.excess(inside).z))
        masks.append(inside)
        covered |= inside
    return chosen


def _stands_for(
    one: Candidate, candidate: Candidate, inside: BoolArray, columns: Sequence[Levels], rows: IntArray
) -> bool:
    if len(one.predicates) >= len(candidate.predicates):
        return False
    return _jaccard(one.inside(columns, rows), inside) > _OVERLAP


def _jaccard(a: BoolArray, b: BoolArray) -> float:
    either = int((a | b).sum())
    return int((a & b).sum()) / either if either else 1.0


def _judged(found: list[Slice]) -> tuple[Slice, ...]:
    """With p adjusted for all candidates (Holm 1979) and the verdict on each."""
    order = np.argsort([one.p for one in found], kind="stable")
    adjusted = np.ones(len(found))
    running = 0.0
    for place, i in enumerate(order):
        running = max(running, min(1.0, (len(found) - place) * found[i].p))
        adjusted[i] = running
    return tuple(_with_verdict(one, float(p)) for one, p in zip(found, adjusted, strict=True))


def _with_verdict(one: Slice, p_adjusted: float) -> Slice:
    held = one.held_out
    much = held.low >= _LEAST_RELATIVE * held.scale and held.excess >= _LEAST_EXCESS
    return Slice(
        text=one.text,
        columns=one.columns,
        inside=one.inside,
        whole=one.whole,
        held_out=held,
        found_z=one.found_z,
        p=one.p,
        p_adjusted=p_adjusted,
        failing=bool(p_adjusted <= _ALPHA and much),
    )


def _row(one: Slice) -> tuple[object, ...]:
    whole, held = one.whole, one.held_out
    return (
        one.text, len(one.columns), whole.size, whole.errors, whole.errors / max(whole.size, 1), whole.expected,
        whole.excess, one.found_z, held.size, held.errors, held.expected, held.excess, held.low, held.high,
        one.p, one.p_adjusted, one.failing,
    )  # fmt: skip
