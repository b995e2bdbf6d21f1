"""Rows of the head that still are as they were drawn: no step of training has touched them.

Letters: C output columns, D dimensions, R rows in question.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.alignment import alignment
from analysis.diagnosis.column_maps import class_means
from analysis.diagnosis.view import View
from analysis.models.init_laws import Law, follows, law_of, usual_laws

_SHARE = 0.5  # of the group
_NEARLY_ALL = 0.9
_ROWS = 20  # or so many
_LEAST_VALUES = 1_000
_LEAST_WITH_PICTURES = 150  # values, where pictures show that the rows point nowhere
_LEAST_DIMS = 64  # for a row to be told from drawn ones by itself
_TESTED = 2_000  # rows
_BLOCK = 4096
_POINTS = 0.1  # mean cosine above which rows were trained, whatever their values look like
_DEVIATIONS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FreshRows:
    """What was found in a group of R rows.

    Attributes:
        group: (R,) columns that were looked at.
        fresh: (F,) those of them that look as drawn; empty where too few do, or pictures say otherwise.
        law: the law they follow, "all zeros", or None.
        suspects: how many rows follow a law one by one.
        std: standard deviation of the group's values.
        cosine: mean cosine of the suspects with the class means of pictures, both centred; None without pictures.
        enough: were there enough values to tell?
        foreign: some look as drawn, but those beside them, which do not, point nowhere either: a trained head of other
            features, whose rows have the length of drawn ones by accident. None of its rows is fresh.
    """

    group: IntArray
    fresh: IntArray
    law: str | None
    suspects: int
    std: float
    cosine: float | None
    enough: bool
    foreign: bool = False

    @property
    def share(self) -> float:
        """Fresh rows among the group, 0..1."""
        return len(self.fresh) / len(self.group) if len(self.group) else 0.0


def fresh_rows(
    weight: FloatArray, group: IntArray, embeddings: FloatArray | None = None, class_label: IntArray | None = None
) -> FreshRows:
    """Look for rows that were never trained among some columns.

    One by one a row may follow a law by accident; all that do are therefore looked at together as well, where a trained
    matrix shows uneven rows and columns. Where there are pictures, rows that point at their classes were trained.

    Args:
        weight: (C, D).
        group: (R,) columns.
        embeddings: (n, D) of pictures, or None.
        class_label: (n,) the column each picture's class has, −1 = none.
    """
    rows = weight[group]
    finite = np.isfinite(rows).all(axis=1)
    std = float(np.sqrt(np.mean(np.square(rows[finite], dtype=np.float64)))) if finite.any() else 0.0
    if len(group) >= 2 and finite.all() and std == 0:
        return _found(group, group, "all zeros", len(group), std, None, enough=True)
    laws = usual_laws(weight.shape[1], len(weight))
    square, largest = _sizes(weight, group[finite])
    found = {law: _follow(weight, group[finite], square, largest, law) for law in laws}
    law, suspects = max(found.items(), key=lambda item: len(item[1]))
    many = len(suspects) >= min(_ROWS, max(2, _SHARE * len(group)))
    cosine = _cosine(weight, suspects, embeddings, class_label) if many else None
    least = _LEAST_VALUES if cosine is None else _LEAST_WITH_PICTURES
    trained = cosine is not None and cosine > max(_POINTS, _DEVIATIONS / np.sqrt(len(suspects) * weight.shape[1]))
    alike = many and not trained and law_of(weight[suspects[:_TESTED]], (law,), least=1) is not None
    many_values = len(suspects) * weight.shape[1] >= (least if law.shape == "uniform" else 4 * least)
    is_fresh = alike and many_values
    all_alike = alike and len(suspects) >= _NEARLY_ALL * len(group)  # as a group that is fresh altogether would be
    enough = many_values if all_alike else weight.shape[1] >= _LEAST_DIMS
    fresh = suspects if is_fresh else suspects[:0]
    return _found(group, fresh, law.name if is_fresh else None, len(suspects), std, cosine, enough=enough)


def _found(  # noqa: PLR0917
    group: IntArray, fresh: IntArray, law: str | None, suspects: int, std: float, cosine: float | None, *, enough: bool
) -> FreshRows:
    return FreshRows(group=group, fresh=fresh, law=law, suspects=suspects, std=std, cosine=cosine, enough=enough)


def _sizes(weight: FloatArray, columns: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean square and largest magnitude of each row."""
    square, largest = np.empty(len(columns)), np.empty(len(columns))
    for start in range(0, len(columns), _BLOCK):
        rows = weight[columns[start : start + _BLOCK]]
        square[start : start + _BLOCK] = np.einsum("ij,ij->i", rows, rows, dtype=np.float64) / rows.shape[1]
        largest[start : start + _BLOCK] = np.abs(rows).max(axis=1)
    return square, largest


def _follow(weight: FloatArray, columns: IntArray, square: FloatArray, largest: FloatArray, law: Law) -> IntArray:
    """Columns whose row, alone, may have been drawn from the law: its length, its support, then its distribution."""
    dims = weight.shape[1]
    kurtosis = 1.8 if law.shape == "uniform" else 3.0
    allowed = _DEVIATIONS * np.sqrt((kurtosis - 1) / dims)
    near = columns[(np.abs(square / law.std**2 - 1) <= allowed) & (largest <= law.bound * (1 + 1e-3))]
    tested = near[:: max(1, len(near) // _TESTED)]
    alike = np.array([follows(weight[column], law) for column in tested], dtype=np.bool_)
    return np.asarray(near if len(tested) < len(near) and alike.mean() > _SHARE else tested[alike])


def _cosine(
    weight: FloatArray, columns: IntArray, embeddings: FloatArray | None, class_label: IntArray | None
) -> float | None:
    """Mean cosine of the rows with the mean embedding of their classes, both centred by the mean of these classes."""
    if embeddings is None or class_label is None or len(columns) < 2:
        return None
    shown: BoolArray = np.isin(class_label, columns)
    present, mean = class_means(embeddings[shown], class_label[shown]) if shown.any() else (columns[:0], weight[:0])
    if len(present) < 2:
        return None
    rows, means = weight[present] - weight[present].mean(axis=0), mean - mean.mean(axis=0)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(means, axis=1)
    return float(((rows * means).sum(axis=1) / np.maximum(lengths, 1e-12)).mean())


def fresh_rows_of(view: View) -> FreshRows:
    """Looked for once for the run, among the new classes' rows; where none of these is fresh or new, among all."""
    if "fresh rows of the head" not in view.shared:
        view.shared["fresh rows of the head"] = _fresh_rows_of(view)
    kept: FreshRows = view.shared["fresh rows of the head"]
    return kept


def _fresh_rows_of(view: View) -> FreshRows:
    assert view.run.head is not None
    weight, run = view.run.head[0], view.run
    embeddings, label = None, None
    if run.has_samples and run.embeddings is not None and len(run):
        label = run.column("label_index")
        embeddings, label = run.embeddings, np.where(label < len(weight), label, -1)
    new = new_columns(view)
    found = fresh_rows(weight, new, embeddings, label) if len(new) else None
    if found is None or not len(found.fresh):
        whole = fresh_rows(weight, np.arange(len(weight)), embeddings, label)
        found = whole if found is None or whole.share >= _SHARE else found
    if embeddings is None or label is None or not _others_point_nowhere(weight, found.fresh, embeddings, label):
        return found
    return replace(found, fresh=found.fresh[:0], law=None, foreign=True)


def _others_point_nowhere(weight: FloatArray, fresh: IntArray, embeddings: FloatArray, class_label: IntArray) -> bool:
    """Do the rows that follow no law belong to other features? Where a part is fresh, the rest was trained on these."""
    others = np.setdiff1d(np.arange(len(weight)), fresh)
    if not len(fresh) or not len(others):
        return False
    drawn = fresh_rows(weight, others, embeddings, class_label).fresh  # the old rows of a head that is fresh altogether
    column_class = np.full(len(weight), -1, dtype=np.int64)
    trained = np.setdiff1d(others, drawn)
    column_class[trained] = trained
    shown = class_label >= 0
    found = alignment(embeddings[shown], class_label[shown], weight, column_class)
    return found is not None and found.is_absent


def new_columns(view: View) -> IntArray:
    """Columns of the new classes: by the old list, else by what the baseline does not know; empty without both."""
    assert view.run.head is not None
    columns = len(view.run.head[0])
    if view.run.is_old is not None:
        return np.flatnonzero(~view.run.is_old[:columns])
    known = view.run.baseline_class
    return np.setdiff1d(np.arange(columns), known) if len(known) else np.zeros(0, dtype=np.int64)
