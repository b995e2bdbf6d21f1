"""Wrong answers that no cause with a finding of its own explains: where slices, shifts, clusters are sought."""

import numpy as np

from analysis.arrays import BoolArray
from analysis.diagnosis.repairs import best_of
from analysis.diagnosis.routing import proven_route
from analysis.diagnosis.source_shortcuts import proven_shortcut
from analysis.diagnosis.view import View


def unexplained_errors(view: View) -> BoolArray:
    """(N,) wrong, and neither drawn to the new classes by a source nor of the group that is prepared wrongly.

    Where a source draws predictions to the new classes, what is right among the classes of its own group does not
    count; where one group's pictures want another preprocessing, none of that group's errors do.

    Args:
        view: all N samples.
    """
    wrong: BoolArray = np.asarray(~view.predictions.correct)
    if proven_shortcut(view) is not None:
        column_class = view.predictions.column_class
        is_new = (column_class >= 0) & ~view.is_old[np.maximum(column_class, 0)]
        old, new = (best_of(view.predictions, (column_class >= 0) & (is_new == side))[1] for side in (False, True))
        best = np.where(view.is_old[view.label], old, new)
        wrong = np.asarray(wrong & ((best < 0) | (column_class[best] != view.label)))
    return wrong & ~wrongly_prepared(view)


def wrongly_prepared(view: View) -> BoolArray:
    """(N,) True for samples of the group of classes whose pictures want another preprocessing than the others'.

    Args:
        view: all N samples.
    """
    route = proven_route(view)
    if route is None:
        return np.zeros(len(view), dtype=np.bool_)
    return np.asarray(view.is_old[view.label] == route.old)
