"""Is it these groups that a constant divides, or would it pay between any two groups of classes?

The classes of a model that has seen little all carry constants of their own, so lifting any few of them by chance gains
something. Only what other groups of the same size hardly ever reach is a matter of old and new.

Letters: n samples, C output columns.
"""

from dataclasses import dataclass
from math import comb

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.predictions import Predictions
from analysis.reports.bias_sweep import sweep_of

_DRAWS = 100
_LEVEL = 0.02
_LOOKED_AT = 2_000  # samples
_FEWEST = 20  # ways to draw a group, below which there is nothing to compare with
_BEYOND_DOUBT = 0.2  # of all answers
_HARDLY_RIGHT = 0.3


def stands_out(predictions: Predictions, is_new: BoolArray) -> bool:
    """Does a constant between these groups put more right than one between random groups of the same size?

    p = (1 + groups that reach as much) / (1 + groups drawn), at most 0.02; both are fitted on the same samples. It is
    not asked of a model that is hardly ever right: there other faults hide what a constant is worth.

    Args:
        predictions: n samples.
        is_new: (C,) True for outputs of the new group.

    Source:
        Phipson and Smyth 2010, arXiv 1603.05766 (a permutation p is never 0).
    """
    if comb(len(is_new), int(is_new.sum())) < _FEWEST or predictions.accuracy < _HARDLY_RIGHT:
        return True
    some = predictions.at(np.linspace(0, len(predictions) - 1, min(_LOOKED_AT, len(predictions))).astype(np.int64))
    candidates = _Candidates.of(some)
    here = candidates.gained(is_new)
    if here >= _BEYOND_DOUBT * len(some):
        return True
    random = np.random.default_rng(0)
    reached, most = 0, int(_LEVEL * (1 + _DRAWS)) - 1
    for _ in range(_DRAWS):
        other = random.permutation(is_new)
        reached += not np.array_equal(other, is_new) and candidates.gained(other) >= here
        if reached > most:
            return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Candidates:
    """Stored candidates of n samples, prepared once for all groups that are drawn.

    Attributes:
        index: (n, K) output columns, ascending, so that of equal logits the lowest column comes first.
        logit: (n, K) after the repairs; NaN, which wins, is ∞, and −∞ takes no part.
        right: (n, K) True where the column stands for the label.
        label: (n,). column_class: (C,).
    """

    index: IntArray
    logit: FloatArray
    right: BoolArray
    label: IntArray
    column_class: IntArray

    @classmethod
    def of(cls, predictions: Predictions) -> "_Candidates":
        logit = predictions.logits(slice(None))
        order = np.argsort(predictions.index, axis=1, kind="stable")
        index = np.take_along_axis(predictions.index, order, axis=1)
        logit = np.take_along_axis(np.where(np.isnan(logit), np.inf, logit), order, axis=1)
        right = np.where(index < 0, False, predictions.column_class[index] == predictions.label[:, None])
        return cls(
            index=index, logit=logit, right=right, label=predictions.label, column_class=predictions.column_class
        )

    def gained(self, is_new: BoolArray) -> float:
        """Right answers that the best constant adds, each group counting as much as it has classes."""
        known = self.column_class
        new_class = np.zeros(int(max(known.max(initial=0), self.label.max(initial=0))) + 1, dtype=np.bool_)
        new_class[known[is_new & (known >= 0)]] = True
        in_new = is_new[self.index]
        sweep = sweep_of(*self._best(~in_new), *self._best(in_new), ~new_class[self.label])
        share = float((~new_class[np.unique(self.label)]).mean())
        score = sweep.score(share)
        return float(score[sweep.at(sweep.best_delta(share))] - score[sweep.at(0.0)])

    def _best(self, group: BoolArray) -> tuple[FloatArray, BoolArray]:
        """Largest logit of a group of candidates, (n,), and whether it is the label's."""
        held = np.where(group, self.logit, -np.inf)
        place = held.argmax(axis=1)[:, None]
        logit = np.take_along_axis(held, place, axis=1)[:, 0]
        return logit, np.take_along_axis(self.right, place, axis=1)[:, 0] & (logit > -np.inf)
