"""The best output of each of two groups of classes, and who wins with a constant between them.

Letters: N samples, C output columns.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import best_of
from analysis.reports.bias_sweep import Sweep, leads, sweep_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupBest:
    """The best output of each of two groups; with a constant between them nothing else decides.

    Attributes:
        max_old, max_new: (N,) largest logit of each group of outputs.
        old_right, new_right: (N,) True where that output is the label's.
        is_old: (N,) True where the label is in the old group.
    """

    max_old: FloatArray
    max_new: FloatArray
    old_right: BoolArray
    new_right: BoolArray
    is_old: BoolArray

    @classmethod
    def of(cls, predictions: Predictions, is_new: BoolArray, label_is_old: BoolArray) -> "GroupBest":
        """The best old and the best new output of every sample.

        Args:
            predictions: N samples.
            is_new: (C,) True for outputs of the new group.
            label_is_old: (N,) True where the label is in the old group.
        """
        max_old, old = best_of(predictions, ~is_new)
        max_new, new = best_of(predictions, is_new)
        known, label = predictions.column_class, predictions.label
        return cls(
            max_old=max_old,
            max_new=max_new,
            old_right=(old >= 0) & (known[old] == label),
            new_right=(new >= 0) & (known[new] == label),
            is_old=label_is_old,
        )

    def routed(self, other: "GroupBest", old: bool) -> "GroupBest":
        """The same with the other's answers for the samples of one group."""
        side = self.is_old == old
        return GroupBest(
            max_old=np.where(side, other.max_old, self.max_old),
            max_new=np.where(side, other.max_new, self.max_new),
            old_right=np.where(side, other.old_right, self.old_right),
            new_right=np.where(side, other.new_right, self.new_right),
            is_old=self.is_old,
        )

    def at(self, rows: BoolArray) -> "GroupBest":
        """The same for some of the samples."""
        return GroupBest(
            max_old=self.max_old[rows],
            max_new=self.max_new[rows],
            old_right=self.old_right[rows],
            new_right=self.new_right[rows],
            is_old=self.is_old[rows],
        )

    @property
    def right_in_group(self) -> BoolArray:
        """(N,) right where each sample is asked among the classes of its own group alone."""
        return np.asarray(np.where(self.is_old, self.old_right, self.new_right))

    def right(self, constant: float = 0.0) -> BoolArray:
        """(N,) right answers with a constant (logits) added to the new outputs; on a tie the old group wins."""
        return np.asarray(np.where(leads(self.max_old, self.max_new) < constant, self.new_right, self.old_right))

    def right_with_constant(self, second: BoolArray, old_share: float) -> BoolArray:
        """(N,) right answers with the best constant, each sample judged by that of the half it does not belong to.

        Args:
            second: (N,) True for the second half.
            old_share: 0..1, what the old samples count together, whatever their number.
        """
        right = self.right()
        for fit in (second, ~second):
            if fit.any():
                right = np.where(fit, right, self.right(self.at(fit).sweep.best_delta(old_share)))
        return np.asarray(right)

    @property
    def most_right(self) -> int:
        """Right answers with the best constant of all, fitted on the samples that are counted."""
        return int(self.sweep.correct.max())

    @property
    def sweep(self) -> Sweep:
        """Right answers for every constant that could be added to the new outputs' logits."""
        return sweep_of(self.max_old, self.old_right, self.max_new, self.new_right, self.is_old)
