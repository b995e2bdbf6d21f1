"""Accuracy for every offset that could be added to the new classes' logits, exactly: no grid, O(N log N).

Only the best old and the best new logit of a sample decide: the new group wins iff the offset exceeds the old lead.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, FloatArray, IntArray

_DRAWN = 1000  # more would lie closer than the screen's dots


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sweep:
    """The step functions of one sweep: P plateaus between P − 1 distinct leads, N samples.

    Attributes:
        low, high: (P,) each plateau is low < δ ≤ high; the outer ends are infinite.
        old_correct, new_correct: (P,) correct samples among those whose label is old, or new.
        changes: (P,) samples whose correctness changed between the first plateau and this one, counted step by step.
        n_old, n_new: samples of each group.
    """

    low: FloatArray
    high: FloatArray
    old_correct: IntArray
    new_correct: IntArray
    changes: IntArray
    n_old: int
    n_new: int

    @property
    def correct(self) -> IntArray:
        """(P,) correct samples."""
        return np.asarray(self.old_correct + self.new_correct)

    def delta(self) -> FloatArray:
        """(P,) an offset inside each plateau: its middle, or one logit beyond the outermost lead."""
        low = np.where(np.isfinite(self.low), self.low, self.high - 2)
        high = np.where(np.isfinite(self.high), self.high, self.low + 2)
        with np.errstate(invalid="ignore"):
            return np.nan_to_num(np.asarray((low + high) / 2), nan=0.0, posinf=0.0, neginf=0.0)

    def at(self, delta: float) -> int:
        """Number of the plateau that holds `delta`."""
        return int(np.searchsorted(self.high[:-1], delta, side="left"))

    def score(self, old_share: float | None = None) -> FloatArray:
        """(P,) right answers, the groups weighted to the shares of all classes that they are (sum of weights N).

        A set with few samples of a group rewards giving that group up; so weighted it does not, and where samples are
        spread over the groups as classes are, this is the plain count.

        Args:
            old_share: 0..1, old classes among all; None = every sample counts the same.
        """
        n = self.n_old + self.n_new
        if old_share is None or not self.n_old or not self.n_new:
            return np.asarray(self.correct, dtype=np.float64)
        weight_old, weight_new = old_share * n / self.n_old, (1 - old_share) * n / self.n_new
        return np.asarray(weight_old * self.old_correct + weight_new * self.new_correct)

    def best_delta(self, old_share: float | None = None) -> float:
        """Offset with the best score: the middle of the near-best stretch around the optimum.

        Near-best: less by no more than one standard error of the paired difference, √(changed samples).
        A stretch without an end is taken one logit beyond the last lead.
        """
        score = self.score(old_share)
        tops = np.flatnonzero(score >= score.max() - 1e-9)
        widths = np.minimum(self.high, 1e9)[tops] - np.maximum(self.low, -1e9)[tops]
        top = int(tops[np.argmax(widths)]) if len(tops) > 1 else int(tops[0])
        lost = score[top] - score
        near = lost <= np.sqrt(np.abs(self.changes - self.changes[top]))
        away = np.flatnonzero(~near)
        left = int(away[away < top].max(initial=-1)) + 1
        right = int(away[away > top].min(initial=len(near))) - 1
        delta = self.delta()
        low = self.low[left] if np.isfinite(self.low[left]) else delta[left]
        high = self.high[right] if np.isfinite(self.high[right]) else delta[right]
        return float((low + high) / 2)

    def gain(self, delta: float, old_share: float | None = None) -> float:
        """Score at `delta` minus score as it is, in standard errors of that difference; 0 where nothing changes."""
        there, here = self.at(delta), self.at(0.0)
        changed = abs(int(self.changes[there] - self.changes[here]))
        if not changed:
            return 0.0
        n, weight = self.n_old + self.n_new, 1.0
        if old_share is not None and self.n_old and self.n_new:
            weight = max(old_share * n / self.n_old, (1 - old_share) * n / self.n_new)
        score = self.score(old_share)
        return float((score[there] - score[here]) / (weight * np.sqrt(changed)))


def sweep_of(
    max_old: FloatArray,
    best_old_correct: BoolArray,
    max_new: FloatArray,
    best_new_correct: BoolArray,
    label_is_old: BoolArray,
) -> Sweep:
    """Count correct samples on every plateau of the offset δ added to the new classes' logits.

    Samples may come in any order; where they come by ascending `leads`, nothing has to be sorted.

    Args:
        max_old: (N,) largest logit among old classes; NaN wins, as in argmax.
        best_old_correct: (N,) the best old class is the label.
        max_new: (N,) largest logit among new classes.
        best_new_correct: (N,) the best new class is the label.
        label_is_old: (N,) the label is an old class.

    Source:
        Chao et al. 2016, arXiv 1605.04253 (calibrated stacking).
    """
    lead = leads(max_old, max_new)
    always_new, moving = lead == -np.inf, np.isfinite(lead)
    at_first = np.where(always_new, best_new_correct, best_old_correct)
    edges, place = _distinct(lead[moving])
    step = best_new_correct[moving].astype(np.int64) - best_old_correct[moving]
    old = label_is_old[moving]

    def counts(group: BoolArray, among: BoolArray) -> IntArray:
        steps = np.bincount(place[among], weights=step[among], minlength=len(edges)).astype(np.int64)
        return np.asarray(int(at_first[group].sum()) + np.r_[0, np.cumsum(steps)], dtype=np.int64)

    changed = np.bincount(place, weights=np.abs(step), minlength=len(edges)).astype(np.int64)
    return Sweep(
        low=np.r_[-np.inf, edges],
        high=np.r_[edges, np.inf],
        old_correct=counts(label_is_old, old),
        new_correct=counts(~label_is_old, ~old),
        changes=np.r_[0, np.cumsum(changed)],
        n_old=int(label_is_old.sum()),
        n_new=int((~label_is_old).sum()),
    )


def leads(max_old: FloatArray, max_new: FloatArray) -> FloatArray:
    """(N,) offset beyond which the new group wins, logits: old minus new, +inf where it never does, −inf where always.

    Args:
        max_old: (N,) largest logit among old classes; NaN wins, as in argmax.
        max_new: (N,) largest logit among new classes.
    """
    with np.errstate(invalid="ignore"):
        lead = np.asarray(max_old, dtype=np.float64) - np.asarray(max_new, dtype=np.float64)
    lead = np.where(np.isnan(max_old) | np.isneginf(max_new), np.inf, lead)
    lead = np.where((np.isnan(max_new) | np.isneginf(max_old)) & ~np.isnan(max_old), -np.inf, lead)
    return np.where(np.isnan(lead), 0.0, lead)


def _distinct(values: FloatArray) -> tuple[FloatArray, IntArray]:
    """Distinct values ascending, and which of them every value is: `np.unique` without its sort of the sorted."""
    steps = np.diff(values)
    if (steps < 0).any():
        found, place = np.unique(values, return_inverse=True)
        return found, place
    is_first = np.r_[np.ones(min(1, len(values)), dtype=np.bool_), steps > 0]
    return values[is_first], np.cumsum(is_first) - 1


def sweep_table(sweep: Sweep, *, points: int = _DRAWN) -> pd.DataFrame:
    """A sweep as a table to draw: `delta` (logits), and accuracies 0..1 `overall`, `old`, `new`, `harmonic`.

    At most about `points` rows, evenly by number of samples passed; δ = 0 and the best offset are always among them,
    exactly. An accuracy of a group without samples is NaN.
    """
    plateaus = np.unique(np.linspace(0, len(sweep.low) - 1, min(points - 2, len(sweep.low))).round().astype(np.int64))
    delta = np.r_[sweep.delta()[plateaus], 0.0, sweep.best_delta()]
    place = np.r_[plateaus, sweep.at(0.0), sweep.at(float(delta[-1]))]
    order = np.unique(delta, return_index=True)[1]
    delta, place = delta[order], place[order]
    with np.errstate(invalid="ignore", divide="ignore"):
        old = sweep.old_correct[place] / np.float64(sweep.n_old)
        new = sweep.new_correct[place] / np.float64(sweep.n_new)
        overall = sweep.correct[place] / np.float64(sweep.n_old + sweep.n_new)
        harmonic = np.where(old + new > 0, 2 * old * new / (old + new), np.where(np.isnan(old + new), np.nan, 0.0))
    return pd.DataFrame({"delta": delta, "overall": overall, "old": old, "new": new, "harmonic": harmonic})
