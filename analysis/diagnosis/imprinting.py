"""New rows for columns that have none worth the name: fitted on labelled samples, and brought to the others' scale.

Letters: n samples, C columns, R columns that get a row, D dimensions.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.column_groups import without_broken
from analysis.diagnosis.refitted_head import best_shrinkage, refitted_head
from analysis.diagnosis.repairs import Both, Drop, Repair, ReplaceRows, Shift, best_of
from analysis.diagnosis.view import View
from analysis.reports.bias_sweep import sweep_of

_LENGTHS = np.geomspace(0.1, 10, 13)  # of the other rows' mean length
_LEAST = 2  # samples of a class
_FOLDS = 5
_BLOCK = 2048  # samples asked at once


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fitted:
    """(R,) columns with rows (R, D) and biases (R,)."""

    columns: IntArray
    weight: FloatArray
    bias: FloatArray


def imprinted(view: View, columns: IntArray) -> Repair | None:
    """Rows fitted on these samples for some columns, with the length and the one constant that suit the other rows.

    Both numbers are chosen on answers of rows that were fitted without the sample in question. Classes without
    samples here lose their column, whose row says nothing.

    Args:
        view: n samples of one half, with embeddings.
        columns: (R,) the columns to renew.

    Source:
        Qi et al. 2018, arXiv 1712.07136 (imprinting), with discriminant rows instead of class means.
    """
    fitted = _fitted(view, np.arange(len(view)), columns, "all")
    if fitted is None:
        return None
    length, delta = _scale(view, fitted, columns)
    dropped, shift = np.zeros(view.predictions.columns, dtype=np.bool_), np.zeros(view.predictions.columns)
    dropped[np.setdiff1d(columns, fitted.columns)] = True
    shift[columns] = delta
    rows = ReplaceRows(
        embeddings=view.all_embeddings,
        weight=(fitted.weight * length).astype(np.float32),
        bias=(fitted.bias * length - view.predictions.column_offset[fitted.columns]).astype(np.float32),
        columns=fitted.columns,
        parameters=int(fitted.weight.size),
    )
    return Both(first=Both(first=Drop(dropped=dropped), second=rows), second=Shift(offset=shift, parameters=1))


def _fitted(view: View, some: IntArray, columns: IntArray, part: str, least: int = _LEAST) -> _Fitted | None:
    """Rows fitted on `some` of the samples for those of the columns whose class has `least` of them."""
    shrinkage = view.once("shrinkage of a refitted head", lambda: best_shrinkage(view.embeddings, view.label))
    classes, weight, bias = view.once(
        f"refitted head, {part}", lambda: refitted_head(view.embeddings[some], view.label[some], shrinkage)
    )
    support = np.bincount(view.label[some], minlength=view.classes)
    wanted = view.predictions.column_class[columns]
    place = np.full(view.classes, -1)
    place[classes] = np.arange(len(classes))
    usable = (wanted >= 0) & (place[wanted] >= 0) & (support[wanted] >= least)
    if not usable.any():
        return None
    at = place[wanted[usable]]
    return _Fitted(columns=columns[usable], weight=weight[at], bias=bias[at])


def _scale(view: View, fitted: _Fitted, columns: IntArray) -> tuple[float, float]:
    """Factor for the new rows, and the constant for them, that get most samples right.

    The logits of the new rows grow with their length, so the best of them stays the best.
    """
    usual, own = _usual_length(view, columns), float(np.linalg.norm(fitted.weight, axis=1).mean()) or 1.0
    if usual is None:
        return 1.0 / own, 0.0
    new, new_right = _held_out(view, columns)
    judged = np.isfinite(new)
    renewed = np.zeros(view.predictions.columns, dtype=np.bool_)
    renewed[columns] = True
    predictions = without_broken(view.predictions.at(judged))
    kept, column = best_of(predictions, ~renewed)
    kept_right = (column >= 0) & (predictions.column_class[column] == predictions.label)
    other = ~np.isin(predictions.label, predictions.column_class[columns])
    best = (-1.0, 1.0, 0.0)
    for length in _LENGTHS * usual / own:
        sweep = sweep_of(kept, kept_right, length * new[judged], new_right[judged], other)
        delta = sweep.best_delta()
        best = max(best, (float(sweep.correct[sweep.at(delta)]), float(length), delta))
    return best[1], best[2]


def _held_out(view: View, columns: IntArray) -> tuple[FloatArray, BoolArray]:
    """Largest logit of the new rows, (n,), each fitted without the sample asked, and whether it is the right one.

    −inf for a sample of a class that only it could teach: it says nothing about scale or constant.
    """
    best, right = np.full(len(view), -np.inf), np.zeros(len(view), dtype=np.bool_)
    fold = _folds(view.label)
    is_renewed = np.isin(view.label, view.predictions.column_class[columns])
    for number in range(_FOLDS):
        part = _fitted(view, np.flatnonzero(fold != number), columns, f"without fold {number}", least=1)
        if part is None:
            continue
        classes = view.predictions.column_class[part.columns]
        asked = np.flatnonzero((fold == number) & (~is_renewed | np.isin(view.label, classes)))
        for start in range(0, len(asked), _BLOCK):
            rows = asked[start : start + _BLOCK]
            z = np.asarray(view.embeddings[rows], dtype=np.float32) @ part.weight.T + part.bias
            first = z.argmax(axis=1)
            best[rows] = z[np.arange(len(rows)), first]
            right[rows] = classes[first] == view.label[rows]
    return best, right


def _folds(label: IntArray) -> IntArray:
    """(n,) number of the fold, each class spread evenly over them."""
    order = np.argsort(label, kind="stable")
    _, start, count = np.unique(label[order], return_index=True, return_counts=True)
    fold = np.empty(len(label), dtype=np.int64)
    fold[order] = np.arange(len(label)) - np.repeat(start, count) + label[order]
    return fold % _FOLDS


def _usual_length(view: View, columns: IntArray) -> float | None:
    """Mean length of the rows that stay; None where none does."""
    assert view.run.head is not None
    weight = np.delete(view.run.head[0], columns, axis=0)
    length = np.linalg.norm(weight[np.isfinite(weight).all(axis=1)], axis=1)
    length = length[length > 0]
    return float(length.mean()) if len(length) else None
