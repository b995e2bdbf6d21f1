"""How well embeddings tell classes apart, for two networks on the very same samples and halves.

Letters: n samples, D embedding dimensions, P classes that both halves have; γ shrinkage.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.significance import Paired, paired

MOST_CLASSES, MOST_SAMPLES, MOST_DIMS = 500, 6_000, 1_024
_SEED = 11


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProbeDrop:
    """A linear probe on the features of the old network against one on those of the new network.

    Attributes:
        rows: (n,) places of the samples that were judged.
        old, new: (n,) right by the probe that was fitted on the other half.
        classes: P.
        drop: old minus new, paired.
    """

    rows: IntArray
    old: BoolArray
    new: BoolArray
    classes: int
    drop: Paired


def probe_drop(old: FloatArray, new: FloatArray, label: IntArray, second: BoolArray) -> ProbeDrop | None:
    """Fit a probe on one half and score it on the other, both ways, for two sets of features.

    Args:
        old: (n, D°) embeddings of the old network.
        new: (n, D) of the new one, of the same samples.
        label: (n,) class.
        second: (n,) half.

    Returns:
        The comparison, or None where fewer than two classes are in both halves.

    Source: Davari et al. 2022, arXiv 2203.13381 (paired probes, the same splits).
    """
    rows = _judged(label, second)
    if rows is None:
        return None
    y, half = np.unique(label[rows], return_inverse=True)[1], second[rows]
    right = [np.zeros(len(rows), dtype=np.bool_) for _ in range(2)]
    for features, marks in zip((old, new), right, strict=True):
        x = _prepared(np.asarray(features[rows], dtype=np.float32))
        for fit in (half, ~half):
            marks[~fit] = discriminant(x[fit], y[fit], x[~fit]) == y[~fit]
    return ProbeDrop(rows=rows, old=right[0], new=right[1], classes=int(y.max()) + 1, drop=paired(right[1], right[0]))


def discriminant(x: FloatArray, y: IntArray, asked: FloatArray) -> IntArray:
    """Linear discriminant analysis with a shrunk covariance; class means alone where samples are few.

    Args:
        x: (n, D) to fit on.
        y: (n,) 0..P−1, all of them.
        asked: (m, D).

    Returns:
        (m,) class. γ = D / (n + D), between 0.02 and 0.95, towards a multiple of the identity.
    """
    classes = int(y.max()) + 1
    count = np.bincount(y, minlength=classes).astype(np.float32)
    mean = np.zeros((classes, x.shape[1]), dtype=np.float32)
    np.add.at(mean, y, x)
    mean /= count[:, None]
    within = x - mean[y]
    covariance = within.T @ within / max(1, len(x) - classes)
    gamma = float(np.clip(x.shape[1] / (len(x) + x.shape[1]), 0.02, 0.95))
    scale = max(float(np.trace(covariance)) / x.shape[1], 1e-12)
    covariance = (1 - gamma) * covariance + gamma * scale * np.eye(x.shape[1], dtype=np.float32)
    direction = cho_solve(cho_factor(covariance.astype(np.float64)), mean.T.astype(np.float64))
    constant = -0.5 * np.einsum("pd,dp->p", mean, direction)
    return np.asarray((asked @ direction + constant).argmax(axis=1), dtype=np.int64)


def _judged(label: IntArray, second: BoolArray) -> IntArray | None:
    """Samples of classes that both halves have, at most `MOST_CLASSES` and `MOST_SAMPLES`."""
    size = int(label.max(initial=-1)) + 1
    held = np.minimum(np.bincount(label[second], minlength=size), np.bincount(label[~second], minlength=size))
    classes = np.flatnonzero(held > 0)
    if len(classes) < 2:
        return None
    rng = np.random.default_rng(_SEED)
    chosen = rng.permutation(classes)[:MOST_CLASSES]
    rows: IntArray = np.flatnonzero(np.isin(label, chosen))
    if len(rows) > MOST_SAMPLES:
        rows = _some(rows, label, second, rng)
    return rows.astype(np.int64)


def _some(rows: IntArray, label: IntArray, second: BoolArray, rng: np.random.Generator) -> IntArray:
    """As many of each class and half as leave `MOST_SAMPLES`."""
    mixed = rng.permutation(rows)
    key = label[mixed] * 2 + second[mixed]
    order = np.argsort(key, kind="stable")
    start = np.flatnonzero(np.r_[True, np.diff(key[order]) > 0])
    place = np.arange(len(order)) - np.repeat(start, np.diff(np.r_[start, len(order)]))
    most = max(1, MOST_SAMPLES // len(start))
    return np.sort(mixed[order[place < most]])


def _prepared(x: FloatArray) -> FloatArray:
    """Centred, finite, of one scale, at most `MOST_DIMS` dimensions (a random projection of more)."""
    x = np.nan_to_num(x, nan=0.0, posinf=65504.0, neginf=-65504.0)
    x = x - x.mean(axis=0)
    if x.shape[1] > MOST_DIMS:
        x = x @ (np.random.default_rng(_SEED).standard_normal((x.shape[1], MOST_DIMS)) / MOST_DIMS**0.5)
    return np.asarray(x / max(float(x.std()), 1e-12), dtype=np.float32)
