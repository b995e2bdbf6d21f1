"""A factor and a constant between the logits of the old and of the new outputs, fitted so that the right group wins.

Letters: n samples, K stored candidates, C output columns.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import best_of

_STEPS = 30
_RIDGE = 1e-3
_LEAST = 20  # samples a group needs whose choice can be learnt from
_CLEAR = 40.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rescale:
    """Multiply the logits of each column by a positive factor, then add a number; (C,) each."""

    scale: FloatArray
    offset: FloatArray
    parameters: int

    def apply(self, predictions: Predictions) -> Predictions:
        """Scale × logit + offset, with earlier offsets taken as part of the logit.

        Columns that are not stored keep their share of probability, as with every repair of the outputs.
        """
        index = predictions.index
        earlier = predictions.column_offset[index]
        scaled = self.scale[index] * (predictions.logit + earlier) + self.offset[index] - earlier
        logit = np.where(index < 0, -np.inf, scaled).astype(np.float32)
        total = _with_rest(predictions, _logsumexp(logit))
        return replace(predictions, logit=logit, logsumexp=total)


def _with_rest(predictions: Predictions, stored_after: FloatArray) -> FloatArray:
    before, stored = predictions.logsumexp, _logsumexp(predictions.logit)
    with np.errstate(all="ignore"):
        rest = before + np.log1p(-np.exp(np.minimum(stored - before, 0)))
        rest = np.where(before - stored > 1e-5, rest, -np.inf)
        return np.where(np.isneginf(before), before, np.logaddexp(stored_after, rest))


def _logsumexp(logit: FloatArray) -> FloatArray:
    top = logit.max(axis=1, initial=-np.inf)
    safe = np.where(np.isfinite(top), top, 0)
    with np.errstate(all="ignore"):
        return np.asarray(safe + np.log(np.exp(logit - safe[:, None], dtype=np.float64).sum(axis=1)))


def fitted_factor(predictions: Predictions, is_new: BoolArray, fixed: FloatArray) -> float | None:
    """What the new outputs' logits have to be multiplied by, so that the likelier group is the right one.

    Only samples count whose best old or best new output is right: for them, and for no others, the choice of the group
    decides. It is a logistic regression of that choice on both maxima and a constant; the old coefficient takes up
    how confident the model is altogether, so logits multiplied as a whole give a factor of 1.

    Args:
        predictions: n samples.
        is_new: (C,) True for outputs of the new group.
        fixed: (C,) part of each logit that the factor leaves alone (the bias, if rows were scaled; else zeros).

    Returns:
        The factor, or None where too few samples teach it or one of the coefficients is not positive.

    Source:
        Wu et al. 2019, arXiv 1905.13260 (BiC), with the exact constant left to the sweep.
    """
    max_old, old = best_of(predictions, ~is_new)
    max_new, new = best_of(predictions, is_new)
    known = predictions.column_class
    old_right = (old >= 0) & (known[old] == predictions.label)
    new_right = (new >= 0) & (known[new] == predictions.label)
    usable = (old >= 0) & (new >= 0) & np.isfinite(max_old) & np.isfinite(max_new) & (old_right | new_right)
    if min(int((usable & old_right).sum()), int((usable & new_right).sum())) < _LEAST:
        return None
    kept = fixed[new[usable]]
    x = np.column_stack([kept - max_old[usable], max_new[usable] - kept, np.ones(int(usable.sum()))])
    coefficient = _logistic(x, new_right[usable])
    if coefficient is None or min(coefficient[0], coefficient[1]) <= 0:
        return None
    return float(coefficient[1] / coefficient[0])


def _logistic(x: FloatArray, is_new: BoolArray) -> FloatArray | None:
    """Newton's method on standardised columns, the intercept last; None if it does not settle."""
    spread = np.r_[x[:, :-1].std(axis=0) + 1e-9, 1.0]
    centre = np.r_[x[:, :-1].mean(axis=0), 0.0]
    scaled, theta = (x - centre) / spread, np.zeros(x.shape[1])
    penalty = _RIDGE * np.r_[np.ones(x.shape[1] - 1), 0.0]
    for _ in range(_STEPS):
        p = expit(np.clip(scaled @ theta, -_CLEAR, _CLEAR))
        slope = scaled.T @ (p - is_new) / len(x) + penalty * theta
        bend = (scaled * (p * (1 - p))[:, None]).T @ scaled / len(x) + np.diag(penalty + 1e-9)
        step = np.linalg.solve(bend, slope)
        theta -= step * min(1.0, 3.0 / max(1e-12, float(np.abs(step).max())))
        if np.abs(step).max() < 1e-6:
            return np.asarray(theta / spread)
    return None
