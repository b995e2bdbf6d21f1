"""One preprocessing suits the old classes and another the new ones: the two trainings prepared pictures differently."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import best_of
from analysis.diagnosis.rerun_measurement import snippet_of
from analysis.diagnosis.significance import Interval, Paired, paired
from analysis.diagnosis.view import View

_LEAST = 0.02
_PER_GROUP = 100
_AXES = ("normalization", "channels", "geometry")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Split:
    """What a variant changes in the accuracy of each group's samples among the classes of that group."""

    variant: str
    label: str
    old: Paired
    new: Paired
    plain: tuple[Paired, Paired]  # the same among all classes

    @property
    def weaker(self) -> Paired:
        return min((self.old, self.new), key=lambda side: abs(side.change.value))

    @property
    def is_opposite(self) -> bool:
        return self.old.change.value * self.new.change.value < 0


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """The weaker of two opposite changes of accuracy (fraction) that one preprocessing makes in old and new classes.

    Each group's samples are asked among the classes of that group alone; and the group that gains has to gain among all
    classes, too, or routing its pictures would give nothing back: under scrambled outputs one variant or another is
    lucky among a few classes.
    """
    del outcome
    old = view.is_old[view.label]
    few = int(min(old.sum(), (~old).sum()))
    splits = _splits(view, old)
    opposite = [split for split in splits if split.is_opposite and _routed(split, old).low > 0]
    best = max(opposite, key=lambda split: abs(split.weaker.change.value), default=None)
    abstain = f"only {few:,} samples in one of the groups, {_PER_GROUP} are needed" if few < _PER_GROUP else None
    if best is None:
        return Measurement(
            summary="",
            denial="No other preprocessing that was tried helps one group of classes and harms the other.",
            n=len(view),
            effect=Interval.exactly(0.0),
            abstain=abstain,
        )
    return Measurement(
        summary=_words(best, "prepare their pictures as follows, only they: "),
        denial=_words(best, "would gain from another preprocessing: "),
        n=len(view),
        effect=_size(best.weaker.change),
        p=min(1.0, max(best.old.p, best.new.p) * len(splits)),
        gain=_routed(best, old),
        abstain=abstain,
        evidence=tuple(
            Evidence(
                name=f"change of accuracy on {name} classes, among themselves",
                value=side.change.value,
                unit="fraction",
                n=side.n,
            )
            for name, side in (("old", best.old), ("new", best.new))
        ),
        snippet=snippet_of(view, best.variant),
    )


def _splits(view: View, old: BoolArray) -> list[_Split]:
    """Every confirmed variant against the run itself, group by group.

    Where another state of the network is in place already, such as fresh BatchNorm statistics, it is held against that:
    a preprocessing may make up for a part of what such a repair mends as a whole.
    """
    reruns = view.run.reruns
    if reruns is None or "is_full" not in reruns.table:
        return []
    table = reruns.table[reruns.table["is_full"].astype(bool) & reruns.table["axis"].isin(_AXES)]
    is_network = bool(view.predictions.source) and view.predictions.source not in set(table["variant"])
    was = view.predictions if is_network else _predictions_of(view, *view.run.topk())
    own_was, found = _among_own(was, view), []
    for variant, label in zip(table["variant"], table["label"], strict=True):
        answers = reruns.get(variant)
        now = _predictions_of(view, answers.index, answers.logit)
        own_now, sides = _among_own(now, view), (old, ~old)
        among = [paired(own_was[side], own_now[side]) for side in sides]
        plain = [paired(was.correct[side], now.correct[side]) for side in sides]
        found.append(_Split(variant=variant, label=label, old=among[0], new=among[1], plain=(plain[0], plain[1])))
    return found


def _predictions_of(view: View, index: IntArray, logit: FloatArray) -> Predictions:
    """Answers of all N samples, nothing repaired."""
    return Predictions.of_candidates(index, logit, view.label, view.run.outputs)


def _among_own(predictions: Predictions, view: View) -> BoolArray:
    """(N,) True where the label wins among the classes of its own group.

    Another preprocessing may lift one group's logits over the other's. Then one group gains what the other one loses,
    yet no picture is recognised any better: that is a constant between the groups and not a matter of pictures.
    """
    is_old = view.is_old[: predictions.columns]
    (_, old), (_, new) = best_of(predictions, is_old), best_of(predictions, ~is_old)
    return np.asarray(np.where(view.is_old[view.label], old, new) == view.label)


def _words(split: _Split, verb: str) -> str:
    sides = (("old", split.old), ("new", split.new))
    gaining = next(name for name, side in sides if side.change.value > 0)
    moves = ", ".join(f"{name} classes {100 * side.change.value:+.1f} points" for name, side in sides)
    return f"The {gaining} classes {verb}{split.label} ({moves})."


def _size(change: Interval) -> Interval:
    """The change without its sign."""
    if change.value >= 0:
        return change
    return Interval(value=-change.value, low=-change.high, high=-change.low)


def _routed(split: _Split, old: BoolArray) -> Interval:
    """Accuracy if every picture were prepared as its own group likes: only the group that gains changes."""
    gains_old = split.old.change.value > 0
    side, share = (split.plain[0], old.mean()) if gains_old else (split.plain[1], (~old).mean())
    low, high = (float(np.clip(bound, 0.0, 1.0)) for bound in (side.change.low, side.change.high))
    return Interval(value=side.change.value * float(share), low=low * float(share), high=high * float(share))


HYPOTHESIS = Hypothesis(
    id="group_preproc_divergence",
    title="Old and new classes want different preprocessing",
    chapter="preprocessing",
    claim="the training of the old and of the new classes prepared pictures differently, so that no one setting suits "
    "both",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "split", "reruns"),
    measure=measure,
    min_effect=_LEAST,
    n_min=2 * _PER_GROUP,
    explains=("logit_group_bias", "logit_scale_mismatch", "class_prior_bias"),
    look_alikes=("preproc_normalization", "preproc_channel_order", "source_domain_shift"),
    fix="Bring the pictures of both trainings through one and the same preprocessing, then train the new classes "
    "again; until then a picture's source has to decide how it is prepared.",
    source="interaction of a re-run with the group of the class; exact McNemar in each group",
)
