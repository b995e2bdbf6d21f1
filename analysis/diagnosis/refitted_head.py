"""A head fitted from scratch on one half of the samples: linear discriminant analysis with a shrunken covariance.

Letters: n samples, P classes that occur, D dimensions.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from analysis.arrays import FloatArray, IntArray
from analysis.diagnosis.column_maps import class_means

_SHRINKAGES = (0.01, 0.1, 1.0, 10.0)
_BLOCK = 1024  # samples held against all P rows at once


def refitted_head(
    embeddings: FloatArray, label: IntArray, shrinkage: float | None = None
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Rows for the classes that occur.

    Args:
        embeddings: (n, D).
        label: (n,) class.
        shrinkage: of the covariance; None = `best_shrinkage` of these samples.

    Returns:
        Classes (P,), weight (P, D) float32, bias (P,) float32.
    """
    x = np.asarray(embeddings, dtype=np.float32)
    return _Classes.of(x, label).rows(best_shrinkage(x, label) if shrinkage is None else shrinkage)


def best_shrinkage(embeddings: FloatArray, label: IntArray) -> float:
    """The shrinkage whose rows, fitted on every other sample, are most often right on the samples between."""
    x = np.asarray(embeddings, dtype=np.float32)
    odd = np.arange(len(x)) % 2 == 1
    inner = _Classes.of(x[~odd], label[~odd])
    return max(_SHRINKAGES, key=lambda shrinkage: _right(x[odd], label[odd], *inner.rows(shrinkage)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Classes:
    """Classes that occur, (P,), their means, (P, D), and the covariance within classes, (D, D)."""

    present: IntArray
    mean: FloatArray
    covariance: FloatArray

    @classmethod
    def of(cls, x: FloatArray, label: IntArray) -> "_Classes":
        present, mean = class_means(x, label)
        within = x - mean[np.searchsorted(present, label)]
        return cls(present=present, mean=mean, covariance=within.T @ within / max(1, len(x) - len(present)))

    def rows(self, shrinkage: float) -> tuple[IntArray, FloatArray, FloatArray]:
        """Solved anew for each shrinkage: four Cholesky factors are cheaper than one set of axes."""
        centre, usual = self.mean.mean(axis=0), float(np.trace(self.covariance)) / len(self.covariance)
        shrunken = self.covariance + np.eye(len(self.covariance), dtype=np.float32) * (shrinkage * usual + 1e-12)
        weight = cho_solve(cho_factor(shrunken, lower=True), (self.mean - centre).T).T
        bias = -(weight * (self.mean + centre)).sum(axis=1) / 2
        return self.present, weight.astype(np.float32), bias.astype(np.float32)


def _right(x: FloatArray, label: IntArray, present: IntArray, weight: FloatArray, bias: FloatArray) -> int:
    right = 0
    for start in range(0, len(x), _BLOCK):
        rows = slice(start, start + _BLOCK)
        right += int((present[(x[rows] @ weight.T + bias).argmax(axis=1)] == label[rows]).sum())
    return right
