"""Values of a metadata column as places that pictures come from, and which of them stand out, class by class."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.metadata import metadata_of
from analysis.diagnosis.view import View
from analysis.reports.class_adjusted import ClassAdjusted
from analysis.reports.metadata_columns import Levels

_MOST_LEVELS = 20
_LEAST = 60  # samples of a source, and of the rest, where it is searched


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """One value of a column against all its others.

    Attributes:
        column: its name. text: ``source = "b"``. inside: (N,). known: (N,) True where the column has a value at all.
        z: by how many standard deviations it stood out where it was searched.
    """

    column: str
    text: str
    inside: BoolArray
    known: BoolArray
    z: float


def source_columns(view: View) -> list[Levels]:
    """Columns that can name sources, whatever they are called: 2 to 20 values that are no intervals of a number."""
    return [one for one in metadata_of(view).columns if not one.binned and 2 <= one.levels <= _MOST_LEVELS]


def standing_out(view: View, event: BoolArray, searched: IntArray, most: int) -> list[Source]:
    """Sources in which an event is more frequent than in the same classes elsewhere.

    Args:
        view: n samples.
        event: (n,) such as wrong, or predicted as a new class.
        searched: (m,) places among the n that may be looked at.
        most: how many sources at most, the most striking first.
    """
    columns = source_columns(view)
    here = ClassAdjusted(view.label[searched], event[searched])
    residual, variance = here.residual(), here.variance()
    ranked = []
    for place, column in enumerate(columns):
        code = column.code[view.rows[searched]]
        use = code >= 0
        sums = [np.bincount(code[use], w, column.levels) for w in (residual[use], variance[use])]
        count = np.bincount(code[use], minlength=column.levels)
        share = count / max(int(use.sum()), 1)
        z = sums[0] / np.sqrt(sums[1] * (1 - share) + 0.25)
        enough = (count >= _LEAST) & (use.sum() - count >= _LEAST)
        ranked += [(float(z[level]), place, int(level)) for level in np.flatnonzero(enough)]
    ranked.sort(key=lambda item: (-item[0], item[1], item[2]))
    return [_source(columns[place], level, z) for z, place, level in ranked[:most]]


def _source(column: Levels, level: int, z: float) -> Source:
    return Source(
        column=column.name,
        text=column.text(level, level),
        inside=column.inside(level, level),
        known=np.asarray(column.code >= 0),
        z=z,
    )


def shared_classes(label: IntArray, inside: BoolArray) -> BoolArray:
    """(n,) True for samples of classes that have samples both in the source and outside of it."""
    size = int(label.max(initial=-1)) + 1
    there, elsewhere = (np.bincount(label[mask], minlength=size) > 0 for mask in (inside, ~inside))
    return np.asarray((there & elsewhere)[label])


def thinned(rows: IntArray, inside: BoolArray, most: int) -> IntArray:
    """At most `most` of the rows on each side, evenly spread over their order.

    Args:
        rows: (n,) sample numbers.
        inside: (n,) the side of each.
        most: of each side.
    """
    parts = [part for part in (rows[inside], rows[~inside]) if len(part)]
    kept = [part[np.linspace(0, len(part) - 1, min(most, len(part))).astype(np.int64)] for part in parts]
    return np.sort(np.concatenate(kept)) if kept else rows[:0]
