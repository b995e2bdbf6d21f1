"""Is it these groups that a constant divides, or would it pay between any two groups of classes?

The classes of a model that has seen little all carry constants of their own, so lifting any few of them by chance gains
something. Only what other groups of the same size hardly ever reach is a matter of old and new.

Letters: n samples, C output columns.
"""

from math import comb

import numpy as np

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import best_of
from analysis.reports.bias_sweep import Sweep, sweep_of

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
    here = _gained(some, is_new)
    if here >= _BEYOND_DOUBT * len(some):
        return True
    random = np.random.default_rng(0)
    reached = 0
    for _ in range(_DRAWS):
        other = random.permutation(is_new)
        if np.array_equal(other, is_new):
            continue
        reached += _gained(some, other) >= here
    return (1 + reached) / (1 + _DRAWS) <= _LEVEL


def _gained(predictions: Predictions, is_new: BoolArray) -> float:
    """Right answers that the best constant adds, each group counting as much as it has classes."""
    sweep, share = _sweep(predictions, is_new)
    score = sweep.score(share)
    return float(score[sweep.at(sweep.best_delta(share))] - score[sweep.at(0.0)])


def _sweep(predictions: Predictions, is_new: BoolArray) -> tuple[Sweep, float]:
    known = predictions.column_class
    new_class = np.zeros(int(max(known.max(initial=0), predictions.label.max(initial=0))) + 1, dtype=np.bool_)
    new_class[known[is_new & (known >= 0)]] = True
    old_logit, old_right = _best(predictions, ~is_new)
    new_logit, new_right = _best(predictions, is_new)
    present = np.unique(predictions.label)
    sweep = sweep_of(old_logit, old_right, new_logit, new_right, ~new_class[predictions.label])
    return sweep, float((~new_class[present]).mean())


def _best(predictions: Predictions, group: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Largest logit of a group of outputs, (n,), and whether it is the label's."""
    logit, column = best_of(predictions, group)
    return logit, np.asarray((column >= 0) & (predictions.column_class[column] == predictions.label))
