"""The old and the new outputs of a head: who is in which group, the best of each, and the constant that divides them.

Letters: n samples, C output columns.
"""

import numpy as np

from analysis.arrays import BoolArray
from analysis.diagnosis.class_prior import FEW, clear_gain, train_counts
from analysis.diagnosis.group_best import GroupBest
from analysis.diagnosis.other_groups import stands_out
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import Both, Drop, Regroup, Repair, Shift
from analysis.diagnosis.view import View
from analysis.reports.bias_sweep import Sweep

_STANDARD_ERRORS = 1.5  # that a constant has to gain on the samples it is fitted on


def groupings(view: View) -> list[BoolArray]:
    """(C,) True for outputs of the new group: by the class each stands for now, and by its place in the list.

    After a permutation the two differ, and a constant or a factor may sit on either.
    """
    predictions = view.predictions
    by_class = ~view.is_old[np.maximum(predictions.column_class, 0)] & (predictions.column_class >= 0)
    by_place = ~view.is_old[: predictions.columns]
    found = [by_class] if np.array_equal(by_class, by_place) else [by_class, by_place]
    return [grouping for grouping in found if grouping.any() and not grouping.all()]


def regroup_where_needed(view: View, is_new: BoolArray) -> Regroup | None:
    """Candidates by these groups, where the stored ones (by the order of the list) may lack the best of a group."""
    if np.isneginf(view.predictions.logsumexp).any():
        return None  # rows were replaced: the head as it was would bring them back
    return view.regrouped(is_new)


def regrouped_predictions(view: View, regroup: Regroup | None) -> Predictions:
    """The view's predictions with the candidates of `regroup`, if any."""
    if regroup is None:
        return view.predictions
    rows = view.rows
    part = Regroup(index=regroup.index[rows], logit=regroup.logit[rows], logsumexp=regroup.logsumexp[rows])
    return part.apply(view.predictions)


def group_sweep(predictions: Predictions, is_new: BoolArray, label_is_old: BoolArray) -> Sweep:
    """Right answers for every constant that could be added to the new outputs' logits.

    Args:
        predictions: n samples.
        is_new: (C,) True for outputs of the new group.
        label_is_old: (n,).
    """
    return GroupBest.of(without_broken(predictions), is_new, label_is_old).sweep


def without_broken(predictions: Predictions) -> Predictions:
    """Outputs that are no number for most samples win at any offset; the constant is looked for beside them."""
    broken = np.isnan(predictions.logit) & (predictions.index >= 0)
    if not broken.any():
        return predictions
    often = np.bincount(predictions.index[broken], minlength=predictions.columns) > len(predictions) / 2
    return Drop(dropped=often).apply(predictions)


def old_share(view: View) -> float:
    """Old classes among the classes that have samples, 0..1."""
    return float(view.is_old[np.unique(view.label)].mean()) if len(view) else 0.5


def best_offset(view: View) -> Repair | None:
    """The constant for the new outputs that serves these samples best; None where none clearly beats 0.

    Each group counts as much as it has classes: otherwise, on a set with few samples of a group, giving that group up
    pays even on a healthy model. Random groups must hardly ever gain as much. The better of the groupings is taken.
    """
    best: tuple[float, Repair] | None = None
    share = old_share(view)
    for is_new in groupings(view):
        regroup = regroup_where_needed(view, is_new)
        predictions = regrouped_predictions(view, regroup)
        sweep = group_sweep(predictions, is_new, view.is_old[view.label])
        delta = sweep.best_delta(share)
        score = float(sweep.score(share)[sweep.at(delta)])
        if sweep.gain(delta, share) <= _STANDARD_ERRORS or not stands_out(predictions, is_new):
            continue
        if not _helps_besides_the_tail(view, predictions, is_new, delta):
            continue
        shift = Shift(offset=np.where(is_new, delta, 0.0), parameters=1)
        if best is None or score > best[0]:
            best = score, shift if regroup is None else Both(first=regroup, second=shift)
    return None if best is None else best[1]


def _helps_besides_the_tail(view: View, predictions: Predictions, is_new: BoolArray, delta: float) -> bool:
    """Does the constant gain for classes that have training images enough, too? Where counts are known.

    Classes with few images lose to all others; lifting their whole group gives some of that back, but it is not the
    group that lacks it.
    """
    if "train_count" not in view.run.classes.columns:
        return True
    counts = train_counts(view)
    few = (counts > 0) & (counts < FEW)
    rest = ~few[predictions.label]
    if not few.any() or not rest.any():
        return True
    shifted = Shift(offset=np.where(is_new, delta, 0.0), parameters=1).apply(predictions)
    return clear_gain(predictions.correct[rest], shifted.correct[rest]) > _STANDARD_ERRORS


def right_with_offset(view: View) -> BoolArray:
    """(N,) right answers with the best constant, each sample judged by the half it does not belong to.

    What a constant alone can do: a finer repair has to do better than this.
    """
    right = np.asarray(view.predictions.correct)
    for fit_on_second in (False, True):
        fit = view.second == fit_on_second
        shift = best_offset(view.at(fit))
        if shift is not None:
            right = np.where(fit, right, shift.apply(view.predictions).correct)
    return right


def right_within_group(predictions: Predictions, is_new: BoolArray, label_is_old: BoolArray) -> BoolArray:
    """(n,) right when old samples may only choose among old outputs and new ones among new: an exact ceiling."""
    return GroupBest.of(predictions, is_new, label_is_old).right_in_group
