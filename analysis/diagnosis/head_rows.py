"""Rows of the classification head that cannot do their work, and rows fitted anew.

Letters: N samples, C output columns, D dimensions.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.predictions import Predictions

_TINY = 1e-3  # of the median norm
_SAME = 0.9999  # cosine
_PROBED = 256
_TOLERANCE = 1e-2
_LEAST_SUPPORT = 2
_MOST_ROWS = 32
_MOST_SAMPLES = 4000
_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 3e-1)


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
    """New rows for some columns, fitted together beside the healthy ones, which stay as they are.

    With the others fixed, cross-entropy is a multinomial regression with one more class, whose logit is the logsumexp
    of the others. (Class means as rows, which need no fit, brought back 10 points less on real features: they ignore
    how the dimensions hang together.)

    Args:
        predictions: n samples; they say which class a column stands for and which offset it has.
        embeddings: (n, D) of the same samples.
        weight: (C, D) head rows.
        bias: (C,).
        columns: (R,) columns to renew; those of no class or of one with fewer than 2 samples are left out, and all but
            32.

    Returns:
        Columns (R',), rows (R', D) float32 and biases (R',) float32.
    """
    support = np.bincount(predictions.label, minlength=int(predictions.column_class.max(initial=0)) + 1)
    columns = columns[predictions.column_class[columns] >= 0]
    columns = columns[support[predictions.column_class[columns]] >= _LEAST_SUPPORT][:_MOST_ROWS]
    if not len(columns):
        return columns, np.zeros((0, weight.shape[1]), np.float32), np.zeros(0, np.float32)
    others = _logsumexp_without(predictions, columns)
    centre, spread = _scale(embeddings)
    place = np.full(len(support), -1, dtype=np.int64)
    place[predictions.column_class[columns]] = np.arange(len(columns))
    some, weights = _sampled(place[predictions.label] >= 0)
    target, offset = place[predictions.label[some]], others[some]
    x = (np.asarray(embeddings[some], dtype=np.float32) - centre) / spread
    penalty = _best_penalty(x, target, offset, weights)
    w, b = _multinomial(x, target, offset, weights, rows=len(columns), penalty=penalty)
    rows = w / spread
    biases = b - rows @ centre - predictions.column_offset[columns]
    return columns, rows.astype(np.float32), biases.astype(np.float32)


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
    """At most 16,000 samples of the classes and 4,000 others, which then count for the ones left out."""
    kept, weights = [], []
    for some, most in ((np.flatnonzero(is_class), 4 * _MOST_SAMPLES), (np.flatnonzero(~is_class), _MOST_SAMPLES)):
        asked = some[:: max(1, -(-len(some) // most))]
        kept.append(asked)
        weights.append(np.full(len(asked), len(some) / max(1, len(asked))))
    total = np.concatenate(weights)
    return np.concatenate(kept), total / total.sum()


def _best_penalty(x: FloatArray, target: IntArray, others: FloatArray, weights: FloatArray) -> float:
    """The penalty whose rows, fitted on half of the samples, explain the rest best."""
    fit = np.random.default_rng(0).permutation(len(x)) % 2 == 0  # classes may come in turn

    def loss(penalty: float) -> float:
        w, b = _multinomial(
            x[fit], target[fit], others[fit], weights[fit] / weights[fit].sum(), rows=target.max() + 1, penalty=penalty
        )
        return float(_cross_entropy(x[~fit] @ w.T + b - others[~fit, None], target[~fit])[0] @ weights[~fit])

    return min(_PENALTIES, key=loss)


def _multinomial(
    x: FloatArray, target: IntArray, others: FloatArray, weights: FloatArray, *, rows: int, penalty: float
) -> tuple[FloatArray, FloatArray]:
    """L2-regularised multinomial regression beside outputs that stay; (R, D) and intercepts (R,)."""
    shape = (rows, x.shape[1] + 1)

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        w, b = theta.reshape(shape)[:, :-1], theta.reshape(shape)[:, -1]
        loss, slope = _cross_entropy(x @ w.T.astype(np.float32) + b - others[:, None], target)
        pull = slope * weights[:, None]
        value = float(loss @ weights) + penalty / 2 * float((w * w).sum())
        return value, np.c_[pull.T.astype(np.float32) @ x + penalty * w, pull.sum(axis=0)].ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return found.x.reshape(shape)[:, :-1], found.x.reshape(shape)[:, -1]


def _cross_entropy(z: FloatArray, target: IntArray) -> tuple[FloatArray, FloatArray]:
    """(m,) nats and (m, R) slopes.

    Args:
        z: (m, R) logits of the rows over the logsumexp of all other outputs.
        target: (m,) row of the label; −1 = an output that stays.
    """
    total = np.logaddexp(0.0, logsumexp(z, axis=1))
    mine = np.flatnonzero(target >= 0)
    loss, slope = total.copy(), np.exp(z - total[:, None])
    loss[mine] -= z[mine, target[mine]]
    slope[mine, target[mine]] -= 1.0
    return loss, slope
