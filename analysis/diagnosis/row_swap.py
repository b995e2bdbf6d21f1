"""Putting other rows into the head, with their logits computed once for all samples.

Letters: N samples, K candidates, R rows, D dimensions.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import FloatArray, IntArray
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.view import View

_TOP = 32
_BLOCK = 2048
LARGEST_PRODUCT = 2e12  # multiplications


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SwappedRows:
    """Some columns with the logits that other rows give them; the other columns as they are.

    Attributes:
        columns: (R,) the columns whose rows are exchanged.
        index: (N, K) the best of them for every sample of the predictions it is applied to. logit: (N, K).
        parameters: how many numbers were fitted.
    """

    columns: IntArray
    index: IntArray
    logit: FloatArray
    parameters: int = 0

    def apply(self, predictions: Predictions) -> Predictions:
        """Stored candidates of the other columns beside the new ones of these."""
        kept = np.where(np.isin(predictions.index, self.columns), -1, predictions.index)
        dropped = predictions.column_dropped.copy()
        dropped[self.columns] = False
        return replace(
            predictions,
            index=np.hstack([kept, self.index]).astype(np.int32),
            logit=np.hstack([np.where(kept < 0, -np.inf, predictions.logit), self.logit]).astype(np.float32),
            logsumexp=np.full(len(predictions), -np.inf),
            column_dropped=dropped,
        )

    def at(self, rows: IntArray) -> "SwappedRows":
        """The same for some of the samples."""
        return replace(self, index=self.index[rows], logit=self.logit[rows])


def swapped_rows(
    embeddings: FloatArray,
    weight: FloatArray,
    bias: FloatArray,
    columns: IntArray,
    *,
    parameters: int = 0,
    width: int = _TOP,
) -> SwappedRows:
    """The best of the exchanged columns for every sample, a block at a time.

    Args:
        embeddings: (N, D).
        weight: (R, D) the rows put in.
        bias: (R,).
        columns: (R,) where they go.
        parameters: how many numbers were fitted.
        width: how many of them are kept.
    """
    width = min(len(columns), width)
    index = np.empty((len(embeddings), width), dtype=np.int32)
    logit = np.empty((len(embeddings), width), dtype=np.float32)
    for start in range(0, len(embeddings), _BLOCK):
        rows = slice(start, start + _BLOCK)
        z = np.asarray(embeddings[rows], dtype=np.float32) @ weight.T + bias
        top = z.argmax(axis=1)[:, None] if width == 1 else np.argpartition(-z, width - 1, axis=1)[:, :width]
        index[rows], logit[rows] = columns[top], np.take_along_axis(z, top, axis=1)
    return SwappedRows(columns=columns, index=index, logit=logit, parameters=parameters)


def can_swap(view: View, rows: int) -> bool:
    """Can the head be asked again with this many other rows, in reasonable time?"""
    if not len(view) or not rows or not view.head_gives_the_logits():
        return False
    return bool(len(view.run) * rows * view.all_embeddings.shape[1] <= LARGEST_PRODUCT)
