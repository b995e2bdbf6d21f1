"""One preprocessing suits the old classes and another the new ones: the two trainings prepared pictures differently."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.rerun_measurement import snippet_of
from analysis.diagnosis.significance import Interval, Paired, paired
from analysis.diagnosis.view import View

_LEAST = 0.02
_PER_GROUP = 100
_AXES = ("normalization", "channels", "geometry")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Split:
    """A variant whose gain has opposite signs in the two groups, or None where it has not; changes of accuracy."""

    variant: str
    label: str
    old: Paired
    new: Paired

    @property
    def weaker(self) -> Paired:
        return min((self.old, self.new), key=lambda side: abs(side.change.value))

    @property
    def is_opposite(self) -> bool:
        return self.old.change.value * self.new.change.value < 0


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """The weaker of two opposite changes of accuracy (fraction) that one preprocessing makes in old and new classes."""
    del outcome
    old = view.is_old[view.label]
    few = int(min(old.sum(), (~old).sum()))
    splits = _splits(view, old)
    opposite = [split for split in splits if split.is_opposite]
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
            Evidence(name=f"change of accuracy on {name} classes", value=side.change.value, unit="fraction", n=side.n)
            for name, side in (("old", best.old), ("new", best.new))
        ),
        snippet=snippet_of(view, best.variant),
    )


def _splits(view: View, old: BoolArray) -> list[_Split]:
    """Every confirmed variant against the run itself, group by group."""
    reruns = view.run.reruns
    if reruns is None or "is_full" not in reruns.table:
        return []
    table = reruns.table[reruns.table["is_full"].astype(bool) & reruns.table["axis"].isin(_AXES)]
    was, found = view.run.column("correct"), []
    for variant, label in zip(table["variant"], table["label"], strict=True):
        answers = reruns.get(variant)
        now = Predictions.of_candidates(answers.index, answers.logit, view.label, view.run.outputs).correct
        found.append(
            _Split(variant=variant, label=label, old=paired(was[old], now[old]), new=paired(was[~old], now[~old]))
        )
    return found


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
    side, share = (split.old, old.mean()) if split.old.change.value > 0 else (split.new, (~old).mean())
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
    stage=Stage.EARLY,
    needs=("samples", "split", "reruns"),
    measure=measure,
    min_effect=_LEAST,
    n_min=2 * _PER_GROUP,
    look_alikes=("preproc_normalization", "preproc_channel_order", "source_domain_shift"),
    fix="Bring the pictures of both trainings through one and the same preprocessing, then train the new classes "
    "again; until then a picture's source has to decide how it is prepared.",
    source="interaction of a re-run with the group of the class; exact McNemar in each group",
)
