"""New rows for columns that have none worth the name: fitted on labelled samples, and brought to the others' scale.

Letters: n samples, C columns, R columns that get a row, D dimensions.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.column_groups import group_sweep
from analysis.diagnosis.halves import halves
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.refitted_head import refitted_head
from analysis.diagnosis.repairs import Both, Drop, Repair, ReplaceRows, Shift
from analysis.diagnosis.view import View

_LENGTHS = np.geomspace(0.1, 10, 13)  # of the other rows' mean length
_SALT = 11
_LEAST = 2  # samples of a class


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fitted:
    """(R,) columns with rows (R, D) and biases (R,), of unit mean length."""

    columns: IntArray
    weight: FloatArray
    bias: FloatArray


def imprinted(view: View, columns: IntArray) -> Repair | None:
    """Rows fitted on these samples for some columns; their length and one constant are chosen on samples left aside.

    Classes without samples here lose their column, whose row says nothing.

    Args:
        view: n samples of one half, with embeddings.
        columns: (R,) the columns to renew.

    Source:
        Qi et al. 2018, arXiv 1712.07136 (imprinting), with discriminant rows instead of class means.
    """
    assert view.run.head is not None
    inner = halves(view.rows, view.label, salt=_SALT).second
    part = _fitted(view, np.flatnonzero(~inner), columns, "part")
    whole = _fitted(view, np.arange(len(view)), columns, "whole")
    if part is None or whole is None:
        return None
    length, delta = _scale(view, part, inner)
    shift = np.zeros(view.predictions.columns)
    shift[columns] = delta
    rest = np.zeros(view.predictions.columns, dtype=np.bool_)
    rest[np.setdiff1d(columns, whole.columns)] = True
    rows = _replace(view, whole, length)
    return Both(first=Both(first=Drop(dropped=rest), second=rows), second=Shift(offset=shift, parameters=1))


def _fitted(view: View, some: IntArray, columns: IntArray, part: str) -> _Fitted | None:
    classes, weight, bias = view.once(
        f"refitted head, {part}", lambda: refitted_head(view.embeddings[some], view.label[some])
    )
    support = np.bincount(view.label[some], minlength=view.classes)
    wanted = view.predictions.column_class[columns]
    place = np.full(view.classes, -1)
    place[classes] = np.arange(len(classes))
    usable = (wanted >= 0) & (place[wanted] >= 0) & (support[wanted] >= _LEAST)
    if not usable.any():
        return None
    at = place[wanted[usable]]
    usual = float(np.linalg.norm(weight[at], axis=1).mean()) or 1.0
    return _Fitted(columns=columns[usable], weight=weight[at] / usual, bias=bias[at] / usual)


def _scale(view: View, part: _Fitted, aside: BoolArray) -> tuple[float, float]:
    """Length of the new rows and the constant for them that get most of the samples left aside right."""
    usual = _usual_length(view, part.columns)
    if usual is None:
        return 1.0, 0.0
    fresh = np.zeros(view.predictions.columns, dtype=np.bool_)
    fresh[part.columns] = True
    other = ~np.isin(view.label[aside], view.predictions.column_class[part.columns])
    best = (-1.0, 1.0, 0.0)
    for share in _LENGTHS:
        state = _asked_aside(view, part, float(share * usual), aside)
        sweep = group_sweep(state, fresh, other)
        delta = sweep.best_delta()
        best = max(best, (float(sweep.correct[sweep.at(delta)]), float(share * usual), delta))
    return best[1], best[2]


def _asked_aside(view: View, part: _Fitted, length: float, aside: BoolArray) -> Predictions:
    rows = replace(_replace(view, part, length), embeddings=view.embeddings[aside])
    return rows.apply(view.predictions.at(aside))


def _replace(view: View, fitted: _Fitted, length: float) -> ReplaceRows:
    return ReplaceRows(
        embeddings=view.all_embeddings,
        weight=(fitted.weight * length).astype(np.float32),
        bias=(fitted.bias * length - view.predictions.column_offset[fitted.columns]).astype(np.float32),
        columns=fitted.columns,
        parameters=int(fitted.weight.size),
    )


def _usual_length(view: View, columns: IntArray) -> float | None:
    """Mean length of the rows that stay; None where none does."""
    assert view.run.head is not None
    weight = np.delete(view.run.head[0], columns, axis=0)
    length = np.linalg.norm(weight[np.isfinite(weight).all(axis=1)], axis=1)
    length = length[length > 0]
    return float(length.mean()) if len(length) else None
