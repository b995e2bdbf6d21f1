"""A constant for the new outputs for each of two kinds of samples: undoing what a source adds by itself.

Letters: N samples, n of them looked at, C output columns.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.column_groups import group_sweep, groupings
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.source_shortcuts import proven_shortcut
from analysis.diagnosis.view import View

_BLOCK = 8_192
_ALPHA = 0.01  # enough for a repair that the other half has to confirm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleShift:
    """Add to some columns a number of logits that differs from sample to sample.

    Attributes:
        columns: (C,) True where it is added. offset: (N,) of all samples of the predictions it is applied to.
    """

    columns: BoolArray
    offset: FloatArray
    parameters: int

    def apply(self, predictions: Predictions) -> Predictions:
        """Stored candidates with other logits; the mass of columns that are not stored is no longer known."""
        logit = predictions.logit.copy()
        for start in range(0, len(logit), _BLOCK):
            rows = slice(start, start + _BLOCK)
            index = predictions.index[rows]
            logit[rows] += np.where((index >= 0) & self.columns[index], self.offset[rows, None], 0).astype(np.float32)
        return replace(predictions, logit=logit, logsumexp=np.full(len(logit), -np.inf))


def source_offsets(view: View) -> SampleShift | None:
    """Best constants for the new outputs with and without the source, where these samples prove a source shortcut.

    Without proof none is fitted, so that a plain bias towards one group is never undone source by source.
    """
    found = proven_shortcut(view, _ALPHA)
    groups = groupings(view)
    if found is None or not groups:
        return None
    is_new, inside = groups[0], found.source.inside
    offset = np.zeros(len(inside))
    for side in (False, True):
        rows = np.flatnonzero(inside[view.rows] == side)
        if len(rows):
            sweep = group_sweep(view.predictions.at(rows), is_new, view.is_old[view.label[rows]])
            offset[inside == side] = sweep.best_delta()
    return SampleShift(columns=is_new, offset=offset, parameters=2) if offset.any() else None
