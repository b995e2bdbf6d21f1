"""Histograms of logits: rows by the label's group, columns by the class's group."""

import math
from typing import Self

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray
from analysis.reducers.column_groups import ColumnGroups

BINS = 512
EXACT_UP_TO = 1000
EVERY = 16
MARGIN = 0.25
"""How far the edges reach beyond the first batch, as a part of its range."""


class LogitHistogramReducer:
    """Counts logits in 512 equal bins, with one more below and one above.

    Beyond 1,000 classes only samples whose position is a multiple of 16 are counted; which ones does not depend on how
    the data is cut into batches.
    """

    def __init__(self, columns: ColumnGroups, low: float, high: float) -> None:
        """Start with no counts.

        Args:
            columns: Order of the logits handed to `update`.
            low: Left edge of the first bin.
            high: Right edge of the last bin, above `low`.
        """
        self.columns = columns
        self.low, self.high = low, high
        self.every = EVERY if columns.outputs > EXACT_UP_TO else 1
        groups = len(columns.sizes)
        self.counts = torch.zeros((groups, groups, BINS + 2), dtype=torch.int64)

    @classmethod
    def from_first_batch(cls, columns: ColumnGroups, logits: torch.Tensor) -> Self:
        """Choose the edges from (n, C) logits: their finite range and a quarter of it on both sides."""
        low, high = (float(edge) for edge in torch.aminmax(logits))
        if not (math.isfinite(low) and math.isfinite(high)):
            finite = logits[torch.isfinite(logits)]
            low, high = (float(finite.min()), float(finite.max())) if finite.numel() else (0.0, 1.0)
        spread = max(high - low, 1e-3)
        return cls(columns, low - MARGIN * spread, high + MARGIN * spread)

    def update(self, positions: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        """Count a batch.

        Args:
            positions: (n,) int64, a number for each sample.
            logits: (n, C) float32 in the grouped order; read only.
            labels: (n,) int64 class indices; rows whose label has no output are left out.
        """
        label_column = self.columns.column(labels)
        chosen = (label_column >= 0) & (positions % self.every == 0)
        for row_group, rows in enumerate(self.columns.slices):
            picked = chosen & (label_column >= rows.start) & (label_column < rows.stop)
            if not picked.any():
                continue
            some = logits if picked.all() else logits[picked]
            for column_group, columns in enumerate(self.columns.slices):
                self.counts[row_group, column_group] += self._binned(some[:, columns])

    def merge(self, other: "LogitHistogramReducer") -> None:
        """Add another reducer's counts; both must have the same edges."""
        if (self.low, self.high, self.counts.shape) != (other.low, other.high, other.counts.shape):
            raise ValueError(f"edges differ: {(self.low, self.high)} and {(other.low, other.high)}")
        self.counts += other.counts

    def result(self) -> dict[str, FloatArray | IntArray]:
        """Edges (513,) float64, counts (G, G, 512) int64 by label group and column group, below and above (G, G).

        G is 2 (old, new) or 1. `every` is 16 where one of 16 samples was counted, else 1.
        """
        counts = self.counts.numpy()
        return {
            "edges": np.linspace(self.low, self.high, BINS + 1),
            "counts": counts[:, :, 1:-1].copy(),
            "below": counts[:, :, 0].copy(),
            "above": counts[:, :, -1].copy(),
            "every": np.array(self.every, dtype=np.int64),
        }

    def _binned(self, logits: torch.Tensor) -> torch.Tensor:
        """Counts of bins, first and last for what lies outside; NaN is left out."""
        scale = BINS / (self.high - self.low)
        place = torch.floor((logits.reshape(-1) - self.low) * scale)
        place = place[~torch.isnan(place)].clamp_(-1, BINS).long() + 1
        return torch.bincount(place, minlength=BINS + 2).cpu()
