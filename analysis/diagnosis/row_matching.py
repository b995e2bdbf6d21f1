"""Which old class each row of the new head really belongs to: rows compared with the baseline's, no picture needed.

Letters: S classes that both models have, C° rows of the baseline, D dimensions.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.baseline_rows import OldRows, old_rows_of
from analysis.diagnosis.view import View
from analysis.diagnosis.wide_top import places_of_largest

_RELATED = 0.5  # cosine
_MARGIN = 0.1  # to the second best
_BLOCK = 512
_MOST_PRODUCT = 1e11  # multiplications; above, some of the rows are looked up
_PRESENT = 0.98


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowMatch:
    """Where the S rows come from.

    Attributes:
        cosine: (S,) between the rows of the same name, both centred; NaN for rows without direction.
        looked_up: (S,) True where the row was not like its namesake's and was compared with all others.
        source: (S,) place among the S of the row it is like; itself where it is like its namesake's, −1 = like none.
    """

    cosine: FloatArray
    looked_up: BoolArray
    source: IntArray

    @property
    def in_place(self) -> BoolArray:
        """(S,) rows that are like the row of the same name."""
        return np.asarray(self.source == np.arange(len(self.source)))

    @property
    def misplaced(self) -> BoolArray:
        """(S,) rows that are like the row of another name."""
        return np.asarray((self.source >= 0) & ~self.in_place)

    @property
    def is_in_order(self) -> bool:
        """Are nearly all rows where their names are?"""
        return len(self.source) > 0 and float(self.in_place.mean()) >= _PRESENT


def match_rows(rows: OldRows) -> RowMatch:
    """Look each row of the new head up among the baseline's.

    Rows are centred by their mean, because what all classes share says nothing about a class. The largest cosine
    of S random rows is about √(2 ln S / D), far below the 0.5 asked for.

    Args:
        rows: of the classes that both models have.
    """
    new_mean, old_mean = _mean(rows.weight, rows.here), _mean(rows.old_weight, rows.there)
    size = len(rows.here)
    cosine = np.full(size, np.nan)
    for start in range(0, size, _BLOCK):
        part = slice(start, start + _BLOCK)
        new = _unit(rows.weight[rows.here[part]] - new_mean)
        cosine[part] = (new * _unit(rows.old_weight[rows.there[part]] - old_mean)).sum(axis=1)
    source = np.where(cosine >= _RELATED, np.arange(size), -1)
    asked = _asked(source, rows)
    if len(asked):
        old = _unit(rows.old_weight[rows.there] - old_mean)
        for start in range(0, len(asked), _BLOCK):
            some = asked[start : start + _BLOCK]
            source[some] = _nearest(_unit(rows.weight[rows.here[some]] - new_mean), old)
    looked_up = np.zeros(size, dtype=np.bool_)
    looked_up[asked] = True
    return RowMatch(cosine=cosine, looked_up=looked_up, source=source)


def _asked(source: IntArray, rows: OldRows) -> IntArray:
    """Rows unlike their namesake's: all of them, or evenly spread ones where there are too many to compare."""
    lost = np.flatnonzero(source < 0)
    most = max(1_000, int(_MOST_PRODUCT / (len(source) * rows.weight.shape[1])))
    return lost[:: -(-len(lost) // most)] if len(lost) else lost


def _nearest(new: FloatArray, old: FloatArray) -> IntArray:
    """Place of the row of `old` that each row of `new` is like, clearly more than like any other; −1 = none."""
    if len(old) < 2:
        return np.full(len(new), -1)
    cosine = new @ old.T
    pair = places_of_largest(cosine, 2)
    values = np.take_along_axis(cosine, pair, axis=1)
    first = values.argmax(axis=1)
    best, second = values.max(axis=1), values.min(axis=1)
    place = np.take_along_axis(pair, first[:, None], axis=1)[:, 0]
    return np.where((best >= _RELATED) & (best - second >= _MARGIN), place, -1)


def _mean(weight: FloatArray, rows: IntArray) -> FloatArray:
    some = weight[rows[:: max(1, len(rows) // 20_000)]]
    return np.asarray(some[np.isfinite(some).all(axis=1)].mean(axis=0), dtype=np.float32)


def _unit(rows: FloatArray) -> FloatArray:
    """Rows of length 1; rows that are not finite or zero become zeros, like nothing."""
    finite = np.where(np.isfinite(rows).all(axis=1, keepdims=True), rows, 0).astype(np.float32)
    length = np.linalg.norm(finite, axis=1, keepdims=True)
    return np.asarray(finite / np.maximum(length, 1e-12))


def row_match(view: View) -> RowMatch | None:
    """Where the rows of the classes that both models have come from, once for the run; None without such rows."""
    if "row match" not in view.shared:
        rows = old_rows_of(view)
        view.shared["row match"] = None if rows is None else match_rows(rows)
    found: RowMatch | None = view.shared["row match"]
    return found


def misplaced_rows(view: View) -> BoolArray:
    """(S,) rows that stand under another class' name."""
    found = row_match(view)
    return np.zeros(0, dtype=np.bool_) if found is None else found.misplaced


def by_position(rows: OldRows, match: RowMatch) -> float:
    """Share of the misplaced rows that stand where the baseline had them: copied by index, not by name."""
    misplaced = np.flatnonzero(match.misplaced)
    if not len(misplaced):
        return 0.0
    return float((rows.there[match.source[misplaced]] == rows.here[misplaced]).mean())
