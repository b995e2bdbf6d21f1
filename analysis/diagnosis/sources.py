"""Values of a metadata column as places that pictures come from: which differ from the rest, class by class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.metadata import metadata_of
from analysis.diagnosis.view import View
from analysis.reports.class_adjusted import ClassAdjusted
from analysis.reports.metadata_columns import Levels

_MOST_LEVELS = 20
_LEAST = 30  # samples of a source, and of the rest, in each half


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """One value of a column against all its others.

    Attributes:
        column: its name. text: ``source = "b"``. inside: (N,). known: (N,) True where the column has a value at all.
        z: errors beyond those of its classes in the first half, in standard deviations.
    """

    column: str
    text: str
    inside: BoolArray
    known: BoolArray
    z: float


def source_columns(view: View) -> list[Levels]:
    """Columns that can name sources: 2 to 20 values that are no intervals of a number."""
    return [one for one in metadata_of(view).columns if not one.binned and 2 <= one.levels <= _MOST_LEVELS]


def failing_sources(view: View, most: int) -> list[Source]:
    """The sources whose pictures are wrong more often than their classes elsewhere, judged on the first half only."""
    first = np.flatnonzero(~view.second)
    columns = source_columns(view)
    here = ClassAdjusted(view.label[first], np.asarray(~view.predictions.correct[first]))
    residual, variance = here.residual(), here.variance()
    ranked = []
    for place, column in enumerate(columns):
        code = column.code[first]
        use = code >= 0
        sums = [np.bincount(code[use], w, column.levels) for w in (residual[use], variance[use])]
        count = np.bincount(code[use], minlength=column.levels)
        z = sums[0] / np.sqrt(sums[1] + 0.25)
        enough = (count >= _LEAST) & (use.sum() - count >= _LEAST)
        ranked += [(float(z[level]), place, int(level)) for level in np.flatnonzero(enough)]
    ranked.sort(reverse=True)
    return [_source(columns[place], level, z) for z, place, level in ranked[:most]]


def _source(column: Levels, level: int, z: float) -> Source:
    return Source(
        column=column.name,
        text=column.text(level, level),
        inside=column.inside(level, level),
        known=np.asarray(column.code >= 0),
        z=z,
    )


def shared_classes(label: IntArray, inside: BoolArray, known: BoolArray) -> BoolArray:
    """(n,) True for samples of classes that have samples both in the source and outside of it."""
    size = int(label.max(initial=-1)) + 1
    there, elsewhere = (np.bincount(label[mask], minlength=size) > 0 for mask in (inside, known & ~inside))
    return np.asarray((there & elsewhere)[label] & known)


def thinned(rows: IntArray, inside: BoolArray, most: int) -> IntArray:
    """At most `most` of the rows on each side, evenly spread over their order.

    Args:
        rows: (n,) sample numbers.
        inside: (n,) the side of each.
        most: of each side.
    """
    parts: Sequence[IntArray] = (rows[inside], rows[~inside])
    kept = [part[np.linspace(0, len(part) - 1, min(most, len(part))).astype(np.int64)] for part in parts if len(part)]
    return np.sort(np.concatenate(kept)) if kept else rows[:0]
