"""Rows of the classification head that cannot do their work, and rows made anew from class means.

Letters: N samples, C output columns, D dimensions.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.column_maps import class_means
from analysis.diagnosis.predictions import Predictions

_TINY = 1e-3  # of the median norm
_SAME = 0.9999  # cosine
_PROBED = 256
_TOLERANCE = 1e-2
_BLOCK = 1024


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowFaults:
    """(C,) masks of faulty rows; one row may have several faults."""

    nonfinite: BoolArray
    tiny: BoolArray
    repeated: BoolArray  # byte-identical to another row
    nearly_repeated: BoolArray  # cosine above 0.9999 with another row, but not identical

    @property
    def broken(self) -> BoolArray:
        """(C,) rows that cannot tell their class from others at all."""
        return self.nonfinite | self.tiny | self.repeated


def row_faults(weight: FloatArray, bias: FloatArray) -> RowFaults:
    """Look at every row of a head.

    Args:
        weight: (C, D) float32.
        bias: (C,) float32.
    """
    nonfinite = ~(np.isfinite(weight).all(axis=1) & np.isfinite(bias))
    clean = np.where(nonfinite[:, None], 0, weight)
    norm = np.linalg.norm(clean, axis=1)
    usual = float(np.median(norm[~nonfinite])) if (~nonfinite).any() else 0.0
    tiny = ~nonfinite & (norm <= _TINY * usual)
    rows = np.ascontiguousarray(weight).view(np.dtype((np.void, weight.itemsize * weight.shape[1])))[:, 0]
    _, place, count = np.unique(rows, return_inverse=True, return_counts=True)
    repeated = (count[place] > 1) & ~nonfinite & ~tiny
    near = _nearly_repeated(clean / np.maximum(norm, 1e-30)[:, None], nonfinite | tiny | repeated)
    return RowFaults(nonfinite=nonfinite, tiny=tiny, repeated=repeated, nearly_repeated=near)


def _nearly_repeated(unit: FloatArray, known: BoolArray) -> BoolArray:
    """Sorted along one random direction, rows of cosine ~ 1 are neighbours: only a window around each is compared."""
    direction = np.random.default_rng(0).normal(size=unit.shape[1])
    along = unit @ direction / np.linalg.norm(direction)
    order = np.argsort(along)
    found = np.zeros(len(unit), dtype=np.bool_)
    for step in range(1, 4):
        a, b = order[:-step], order[step:]
        near = (unit[a] * unit[b]).sum(axis=1) > _SAME
        found[a[near]] = True
        found[b[near]] = True
    return found & ~known


def reproduces(predictions: Predictions, embeddings: FloatArray, weight: FloatArray, bias: FloatArray) -> bool:
    """Do embeddings and head give the stored logits? Relative error below 1 % (embeddings are float16).

    False where the head does more than F Wᵀ + b, or the embedding is not its input: then no row can be replaced.

    Args:
        predictions: n samples.
        embeddings: (n, D).
        weight: (C, D).
        bias: (C,).
    """
    some = np.linspace(0, len(predictions) - 1, min(_PROBED, len(predictions))).astype(np.int64)
    if len(weight) != predictions.columns or not len(some):
        return False
    index, stored = predictions.index[some], predictions.logit[some]
    with np.errstate(all="ignore"):
        logits = np.asarray(embeddings[some], dtype=np.float32) @ weight.T + bias
        found = np.take_along_axis(logits, np.maximum(index, 0), axis=1)
    held = (index >= 0) & np.isfinite(stored) & np.isfinite(found)
    if not held.any():
        return False
    spread = float(np.std(stored[held])) + 1e-6
    return float(np.median(np.abs(found - stored)[held])) < _TOLERANCE * spread


def imprinted_rows(
    predictions: Predictions, embeddings: FloatArray, weight: FloatArray, bias: FloatArray, columns: IntArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """New rows for some columns: the direction of their class mean, the usual norm, a bias that makes them no louder.

    Args:
        predictions: n samples; they say which class a column stands for and which offset it has.
        embeddings: (n, D) of the same samples.
        weight: (C, D) head rows.
        bias: (C,).
        columns: (R,) columns to renew; those whose class has no sample are left out.

    Returns:
        Columns (R',), rows (R', D) float32 and biases (R',) float32.

    Source:
        Qi et al. 2018, arXiv 1712.07136 (imprinted weights).
    """
    present, mean = class_means(embeddings, predictions.label)
    wanted = predictions.column_class[columns]
    place = np.searchsorted(present, wanted)
    has = (place < len(present)) & (present[np.minimum(place, len(present) - 1)] == wanted)
    columns, place = columns[has], place[has]
    good = np.setdiff1d(np.flatnonzero(np.isfinite(weight).all(axis=1) & np.isfinite(bias)), columns)
    if not len(columns) or not len(good):
        return columns[:0], np.zeros((0, weight.shape[1]), np.float32), np.zeros(0, np.float32)
    centre = mean.mean(axis=0)
    direction = mean[place] - centre
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-12)
    rows = direction * float(np.median(np.linalg.norm(weight[good], axis=1)))
    usual = float(np.median(weight[good] @ centre + bias[good] + predictions.column_offset[good]))
    biases = usual - rows @ centre - predictions.column_offset[columns]
    return columns, rows.astype(np.float32), biases.astype(np.float32)
