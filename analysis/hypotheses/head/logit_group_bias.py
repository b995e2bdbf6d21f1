"""One group of classes wins by a constant: its logits are all too high, whatever the picture shows."""

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray
from analysis.diagnosis.column_groups import (
    best_offset,
    group_sweep,
    groupings,
    regroup_where_needed,
    regrouped_predictions,
    right_within_group,
)
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Both, Repair, Shift
from analysis.diagnosis.view import View

_PER_GROUP = 50
_SHOWN = 0.99
_LEAST = 0.01
_DRAWN = 400  # points of the sweep that are kept
_FIX = "(a head without bias needs one), then fine-tune with both groups balanced in every batch."


def what_if(view: View) -> Repair | None:
    """The offset for the new group that gets most of these samples right; exact sweep, no grid.

    The constant may sit on the outputs of the classes that are new by the (repaired) order, or on the outputs that are
    new by the order of the list; after a permutation these differ, and the better one on these samples is taken.
    """
    return best_offset(view)


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy of both groups before and after the offset, and the ceiling: choosing the group by the true label."""
    assert outcome is not None
    old = view.is_old[view.label]
    few = int(min(old.sum(), (~old).sum()))
    before, after = float(outcome.before.mean()), float(outcome.after.mean())
    groups = groupings(view)
    is_known = bool(groups) and _shows_both_groups(view, groups[0])
    oracle = max(float(right_within_group(view.predictions, groups[0], old).mean()), after) if is_known else None
    offsets = _offsets(outcome)
    shift = float(np.mean(offsets)) if offsets else 0.0
    ceiling = "" if oracle is None else f"; with the group always chosen right it would be {100 * oracle:.1f} %"
    return Measurement(
        summary=_summary(outcome, old, shift),
        denial=(
            f"Neither group wins by a constant: the best offset changes accuracy from {100 * before:.1f} % to "
            f"{100 * after:.1f} %{ceiling}."
        ),
        n=len(view),
        evidence=_evidence(outcome, old, shift, oracle),
        ceiling=oracle - before if oracle is not None and few >= _PER_GROUP else None,
        abstain=f"only {few:,} samples in one of the groups, {_PER_GROUP} are needed" if few < _PER_GROUP else None,
        fix=f"Add {shift:+.2f} to the biases of the new classes' rows {_FIX}" if offsets else None,
        tables={"sweep": _sweep(view, groups[0], shift)} if groups and few else {},
    )


def _sweep(view: View, is_new: BoolArray, shift: float) -> pd.DataFrame:
    """Accuracy (0..1) over the offset in logits, `overall`, `old`, `new`; `chosen` marks the fitted one."""
    predictions = regrouped_predictions(view, regroup_where_needed(view, is_new))
    sweep = group_sweep(predictions, is_new, view.is_old[view.label])
    even = np.linspace(0, len(sweep.low) - 1, min(_DRAWN, len(sweep.low))).astype(np.int64)
    kept = np.unique(np.r_[even, sweep.at(0.0), sweep.at(shift)])
    offset = sweep.delta()
    offset[sweep.at(0.0)] = 0.0
    if shift:
        offset[sweep.at(shift)] = shift
    return pd.DataFrame(
        {
            "offset": offset[kept],
            "overall": sweep.correct[kept] / max(1, sweep.n_old + sweep.n_new),
            "old": sweep.old_correct[kept] / max(1, sweep.n_old),
            "new": sweep.new_correct[kept] / max(1, sweep.n_new),
            "chosen": (kept == sweep.at(shift)) & (shift != 0),
        }
    )


def _summary(outcome: Outcome, old: BoolArray, shift: float) -> str:
    winners, direction = ("new", "high") if shift < 0 else ("old", "low")
    was, now = outcome.before, outcome.after
    return (
        f"The new classes' logits are about {abs(shift):.1f} too {direction}, so {winners} classes win whatever the "
        f"picture shows. Moving them by {shift:+.1f} lifts accuracy from {_percent(was)} to {_percent(now)} (old "
        f"classes {_percent(was[old])} → {_percent(now[old])}, new {_percent(was[~old])} → {_percent(now[~old])})."
    )


def _evidence(outcome: Outcome, old: BoolArray, shift: float, oracle: float | None) -> tuple[Evidence, ...]:
    n, was, now = len(old), outcome.before, outcome.after
    least = float(was.mean()) + _LEAST
    offset = Evidence(name="offset of the new classes' logits that scores best", value=shift, unit="logits", n=n)
    ceiling = "accuracy if the group were always chosen right (ceiling)"
    return (
        offset,
        _accuracy("accuracy now", was),
        _accuracy("accuracy with the offset, on held-out samples", now, least),
        Evidence(name=ceiling, value=oracle, threshold=least, unit="fraction", n=n),
        _accuracy("accuracy on old classes now", was[old]),
        _accuracy("accuracy on old classes with the offset", now[old]),
        _accuracy("accuracy on new classes now", was[~old]),
        _accuracy("accuracy on new classes with the offset", now[~old]),
        Evidence(name="harmonic mean of both groups now", value=_harmonic(was, old), unit="fraction", n=n),
        Evidence(name="harmonic mean of both groups with the offset", value=_harmonic(now, old), unit="fraction", n=n),
    )


def _accuracy(name: str, correct: BoolArray, threshold: float | None = None) -> Evidence:
    return Evidence(name=name, value=_share(correct), threshold=threshold, unit="fraction", n=len(correct))


def _offsets(outcome: Outcome) -> list[float]:
    shifts = [repair.second if isinstance(repair, Both) else repair for repair in outcome.repairs]
    return [float(s.offset[np.argmax(np.abs(s.offset))]) for s in shifts if isinstance(s, Shift)]


def _shows_both_groups(view: View, is_new: BoolArray) -> bool:
    """Is a candidate of each group stored for nearly every sample?"""
    index = view.predictions.index
    new = ((index >= 0) & is_new[index]).any(axis=1)
    old = ((index >= 0) & ~is_new[index]).any(axis=1)
    return bool((new & old).mean() >= _SHOWN)


def _share(correct: BoolArray) -> float | None:
    return float(correct.mean()) if len(correct) else None


def _harmonic(correct: BoolArray, old: BoolArray) -> float | None:
    first, second = _share(correct[old]), _share(correct[~old])
    if first is None or second is None:
        return None
    return 2 * first * second / (first + second) if first + second else 0.0


def _percent(correct: BoolArray) -> str:
    return f"{100 * correct.mean():.1f} %" if len(correct) else "none"


HYPOTHESIS = Hypothesis(
    id="logit_group_bias",
    title="One group's logits are too high",
    chapter="head",
    claim="an additive constant lifts the logits of the new classes over the old ones, or the other way round",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples", "split"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=200,
    pairs=True,
    fix=f"Add one number to the biases of the new classes' rows {_FIX}",
    source="Mai et al. 2024, arXiv 2409.16223; Chao et al. 2016, arXiv 1605.04253",
)
