"""Sparse confusion counts: at most one entry a sample, never C × C."""

import numpy as np

from analysis.arrays import IntArray


class ConfusionReducer:
    """Counts (label, prediction) pairs as they stream by."""

    def __init__(self) -> None:
        self._keys = np.empty(0, dtype=np.int64)
        self._counts = np.empty(0, dtype=np.int64)

    def update(self, label_index: IntArray, prediction_index: IntArray) -> None:
        """Count a batch of n pairs of class indices, each 0 ≤ index < 2³¹."""
        keys = (label_index.astype(np.int64) << 32) | prediction_index.astype(np.int64)
        self._add(*np.unique(keys, return_counts=True))

    def merge(self, other: "ConfusionReducer") -> None:
        """Add another reducer's counts."""
        self._add(other._keys, other._counts)

    def result(self) -> tuple[IntArray, IntArray, IntArray]:
        """Label index (int32), prediction index (int32) and count (int64) of every pair seen, sorted by the two."""
        return (self._keys >> 32).astype(np.int32), (self._keys & 0xFFFFFFFF).astype(np.int32), self._counts.copy()

    def _add(self, keys: IntArray, counts: IntArray) -> None:
        joined, inverse = np.unique(np.concatenate([self._keys, keys]), return_inverse=True)
        sums = np.zeros(len(joined), dtype=np.int64)
        np.add.at(sums, inverse, np.concatenate([self._counts, counts]))
        self._keys, self._counts = joined, sums
