"""Does a head belong to the features it is asked about? A trained row points where its class lies.

Letters: n samples, C columns, D dimensions.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import FloatArray, IntArray
from analysis.diagnosis.column_maps import class_means

_OWN = 0.1  # healthy heads: 0.4 and more; foreign and fresh ones: within 0.04 of 0
_SHUFFLES = 5
_SLACK, _DEVIATIONS = 0.05, 5.0
_MOST_CLASSES = 500
_BLOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alignment:
    """Cosines of head rows with class means, both centred.

    Attributes:
        own: mean over classes of the cosine with the class' own row.
        best: mean over (at most 500) classes of the largest cosine with any row.
        chance: the same with the rows' dimensions shuffled. margin: how far above it `best` may lie by chance.
    """

    own: float
    best: float
    chance: float
    margin: float

    @property
    def is_absent(self) -> bool:
        """Do these rows point at no class of these features, neither their own nor any other?"""
        return self.own < _OWN and self.best <= self.chance + self.margin


def alignment(embeddings: FloatArray, label: IntArray, weight: FloatArray, column_class: IntArray) -> Alignment | None:
    """Compare class means with head rows; None with fewer than two usable rows or classes.

    Where the order of the rows is scrambled, `own` is about 0 but `best` is far above chance.

    Args:
        embeddings: (n, D).
        label: (n,) class.
        weight: (C, D) head rows; those that are zero or not finite are left out.
        column_class: (C,) class of each row, −1 = none.

    Source:
        Papyan et al. 2020, arXiv 2008.08186 (self-duality of neural collapse).
    """
    usable = np.isfinite(weight).all(axis=1) & (np.abs(weight).max(axis=1, initial=0) > 0) & (column_class >= 0)
    present, mean = class_means(embeddings, label)
    if usable.sum() < 2 or len(present) < 2:
        return None
    rows = _unit(weight[usable] - weight[usable].mean(axis=0))
    mean = _unit(mean - mean.mean(axis=0))
    row_of = np.full(int(max(present.max(), column_class.max())) + 1, -1, dtype=np.int64)
    row_of[column_class[usable]] = np.arange(len(rows))
    has_row = row_of[present] >= 0
    own = float((mean[has_row] * rows[row_of[present[has_row]]]).sum(axis=1).mean()) if has_row.any() else 0.0
    if own >= _OWN:
        return Alignment(own=own, best=own, chance=0.0, margin=0.0)  # the rest need not be computed
    some = mean[:: max(1, len(mean) // _MOST_CLASSES)]
    rng = np.random.default_rng(0)
    shuffled = [_largest(some, rows[:, rng.permutation(rows.shape[1])]) for _ in range(_SHUFFLES)]
    chance = float(np.mean(shuffled))
    margin = _SLACK * chance + _DEVIATIONS * float(np.std(shuffled, ddof=1))
    return Alignment(own=own, best=_largest(some, rows), chance=chance, margin=margin)


def _largest(mean: FloatArray, rows: FloatArray) -> float:
    parts = [(mean[start : start + _BLOCK] @ rows.T).max(axis=1) for start in range(0, len(mean), _BLOCK)]
    return float(np.concatenate(parts).mean())


def _unit(rows: FloatArray) -> FloatArray:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))
