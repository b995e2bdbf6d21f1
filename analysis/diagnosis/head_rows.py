"""Rows of the classification head that cannot do their work, and rows fitted anew.

Letters: N samples, C output columns, D dimensions.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.predictions import Predictions

_TINY = 1e-3  # of the median norm
_SAME = 0.9999  # cosine
_PROBED = 256
_TOLERANCE = 1e-2
_LEAST_SUPPORT = 2
_MOST_ROWS = 32
_MOST_SAMPLES = 4000
_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1)


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


def head_reproduces(predictions: Predictions, embeddings: FloatArray, weight: FloatArray, bias: FloatArray) -> bool:
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


def fitted_rows(
    predictions: Predictions, embeddings: FloatArray, weight: FloatArray, bias: FloatArray, columns: IntArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """New rows for some columns, each fitted against the logits of the healthy ones, which stay as they are.

    With the others fixed, cross-entropy for one row is a logistic regression whose offset is minus the logsumexp of the
    others. (Class means as rows, which need no fit, brought back 10 points less on real features: they ignore how
    the dimensions hang together.)

    Args:
        predictions: n samples; they say which class a column stands for and which offset it has.
        embeddings: (n, D) of the same samples.
        weight: (C, D) head rows.
        bias: (C,).
        columns: (R,) columns to renew; those whose class has fewer than 2 samples are left out, and all but 32.

    Returns:
        Columns (R',), rows (R', D) float32 and biases (R',) float32.
    """
    support = np.bincount(predictions.label, minlength=int(predictions.column_class.max(initial=0)) + 1)
    columns = columns[support[predictions.column_class[columns]] >= _LEAST_SUPPORT][:_MOST_ROWS]
    if not len(columns):
        return columns, np.zeros((0, weight.shape[1]), np.float32), np.zeros(0, np.float32)
    others = _logsumexp_without(predictions, columns)
    centre, spread = _scale(embeddings)
    rows, biases, penalty = [], [], None
    for column in columns:
        is_class = predictions.label == predictions.column_class[column]
        some, weights = _sampled(is_class)
        x = (np.asarray(embeddings[some], dtype=np.float32) - centre) / spread
        penalty = penalty or _best_penalty(x, is_class[some], -others[some], weights)
        w, b = _logistic(x, is_class[some], -others[some], weights, penalty=penalty)
        rows.append(w / spread)
        biases.append(b - float((w / spread) @ centre) - predictions.column_offset[column])
    return columns, np.asarray(rows, dtype=np.float32), np.asarray(biases, dtype=np.float32)


def _logsumexp_without(predictions: Predictions, columns: IntArray) -> FloatArray:
    """(n,) of the stored candidates but some columns."""
    total = np.empty(len(predictions))
    for rows, logit in predictions.blocks():
        held = np.where(np.isin(predictions.index[rows], columns), -np.inf, logit)
        total[rows] = logsumexp(np.where(np.isnan(held), -np.inf, held), axis=1)
    return np.where(np.isfinite(total), total, 0.0)


def _scale(embeddings: FloatArray) -> tuple[FloatArray, FloatArray]:
    some = np.asarray(embeddings[:: max(1, len(embeddings) // _MOST_SAMPLES)], dtype=np.float32)
    return some.mean(axis=0), some.std(axis=0) + 1e-6


def _sampled(is_class: BoolArray) -> tuple[IntArray, FloatArray]:
    """All samples of the class and at most 4,000 others, which then count for the ones left out."""
    inside, outside = np.flatnonzero(is_class), np.flatnonzero(~is_class)
    step = max(1, len(outside) // _MOST_SAMPLES)
    kept = outside[::step]
    weights = np.r_[np.ones(len(inside)), np.full(len(kept), len(outside) / max(1, len(kept)))]
    return np.r_[inside, kept], weights / weights.sum()


def _best_penalty(x: FloatArray, is_class: BoolArray, offset: FloatArray, weights: FloatArray) -> float:
    """The penalty whose row, fitted on every other sample, explains the samples between best."""
    fit = np.arange(len(x)) % 2 == 0
    sign = np.where(is_class, 1.0, -1.0)[~fit]

    def loss(penalty: float) -> float:
        w, b = _logistic(x[fit], is_class[fit], offset[fit], weights[fit] / weights[fit].sum(), penalty=penalty)
        z = x[~fit] @ w + b + offset[~fit]
        return float((np.logaddexp(0, -sign * z) * weights[~fit]).sum())

    return min(_PENALTIES, key=loss)


def _logistic(
    x: FloatArray, is_class: BoolArray, offset: FloatArray, weights: FloatArray, *, penalty: float
) -> tuple[FloatArray, float]:
    """L2-regularised logistic regression with an offset; (D,) and intercept."""
    sign = np.where(is_class, 1.0, -1.0)

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        z = x @ theta[:-1].astype(np.float32) + theta[-1] + offset
        pull = -sign * expit(-sign * z) * weights
        value = float((np.logaddexp(0, -sign * z) * weights).sum()) + penalty / 2 * float(theta[:-1] @ theta[:-1])
        return value, np.r_[x.T @ pull.astype(np.float32) + penalty * theta[:-1], pull.sum()]

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return np.asarray(found.x[:-1]), float(found.x[-1])
