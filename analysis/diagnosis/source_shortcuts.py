"""Does the source alone push predictions towards the new classes? Within each class, on the half not searched."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.sources import Source, shared_classes, standing_out
from analysis.diagnosis.view import View
from analysis.reports.class_adjusted import ClassAdjusted, Excess

_CANDIDATES = 3
LEAST_ODDS = 2.0
LEAST_FLOW = 0.01  # of the samples of shared classes
LEAST_SAMPLES = 50  # judging ones of shared classes on each side
_FEW_ERRORS = 10  # below which where errors elsewhere go says nothing
_AIMED = 0.6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shortcut:
    """One source, judged on samples that did not suggest it; "drawn" = predicted as a new class.

    Attributes:
        source: against all other values of its column.
        drawn: how often its samples are, against the same classes elsewhere. drawn_old: the same of old classes alone.
        odds: Mantel-Haenszel odds ratio of that, with a test-based 95 % interval.
        odds_of_errors: the same among wrong samples of old classes: where do errors go? 1.0 where there are none.
        drawn_share: part of the errors beyond its classes', on old classes, that go to new ones.
        errors_elsewhere: on old classes, from other sources.
        odds_of_new: the same among samples of new classes with both; None where new classes have one source only.
        harms_old: samples of old classes are right less often where they come from it. helps_new: of new, more often.
        share_old, share_new: share of the old and of the new classes' samples that come from it.
        few: samples of shared classes on the smaller side. n: of shared classes. judged: of all classes, from anywhere.
        flow: samples drawn to the wrong group beyond what their classes have elsewhere, of `n`.
    """

    source: Source
    drawn: Excess
    drawn_old: Excess
    odds: Interval
    odds_of_errors: float
    drawn_share: float
    errors_elsewhere: int
    odds_of_new: Interval | None
    harms_old: bool
    helps_new: bool
    share_old: float
    share_new: float
    few: int
    n: int
    judged: int
    flow: Interval

    @property
    def follows_labels(self) -> bool:
        """New classes come mostly from this source, or those that do not are taken for old ones."""
        return self._comes_with_new or (self.odds_of_new is not None and self.odds_of_new.value >= LEAST_ODDS)

    @property
    def _may_follow_labels(self) -> bool:
        return self._comes_with_new or (self.odds_of_new is not None and self.odds_of_new.high >= LEAST_ODDS)

    @property
    def _comes_with_new(self) -> bool:
        return self.share_new * (1 - self.share_old) >= LEAST_ODDS * self.share_old * (1 - self.share_new)

    @property
    def is_aimed(self) -> bool:
        """Its errors go to new classes, and not everywhere as those of blurred pictures do.

        Or new classes are right less often without it and are taken for old ones: blurred pictures harm no others.
        Where old classes from it are right as often as elsewhere, it is the others that something draws to old ones.
        """
        if not self.harms_old:
            return False
        if self.helps_new and self.odds_of_new is not None and self.odds_of_new.low > 1:
            return self.odds_of_new.value >= LEAST_ODDS
        if self.errors_elsewhere < _FEW_ERRORS:
            return self.drawn_share >= _AIMED
        return self.odds_of_errors >= LEAST_ODDS

    @property
    def holds(self) -> bool:
        """All conditions but the engine's p."""
        strong = self.odds.value >= LEAST_ODDS and self.odds.low > 1 and self.is_aimed
        return strong and self.flow.value >= LEAST_FLOW and self.follows_labels and self.few >= LEAST_SAMPLES

    @property
    def is_open(self) -> bool:
        """Can neither be shown nor be excluded."""
        possible = self.odds.high >= LEAST_ODDS and self.flow.high >= LEAST_FLOW and self._may_follow_labels
        return possible and not self.holds and self.is_aimed


def shortcuts_of(view: View) -> list[Shortcut]:
    """The most suspicious sources, worked out once for the predictions at hand; empty without a split.

    Where there are but a few sources, none is searched for and all samples judge each of them; else the first half
    searches and the second judges. A view of one half alone is searched and judged on all it has.
    """
    if view.run.is_old is None:
        return []
    kept = view.kept.get("shortcuts")
    if kept is None or kept[0] is not view.predictions:
        drawn, judged = _drawn(view), np.arange(len(view))
        sources = standing_out(view, drawn, judged, _CANDIDATES + 1)
        if len(sources) > _CANDIDATES:
            whole = bool(view.second.all() or not view.second.any())
            searched, judged = (np.flatnonzero((view.second == half) | whole) for half in (False, True))
            sources = standing_out(view, drawn, searched, _CANDIDATES)
        found = [_judged(view, source, drawn, judged) for source in sources]
        view.kept["shortcuts"] = kept = (view.predictions, found)
    shortcuts: list[Shortcut] = kept[1]
    return shortcuts


def proven_shortcut(view: View, alpha: float = 0.001) -> Shortcut | None:
    """The first that holds, the candidates counted as tests."""
    found = shortcuts_of(view)
    return next((one for one in found if one.holds and one.drawn.p * len(found) <= alpha), None)


def _drawn(view: View) -> BoolArray:
    predicted = view.predictions.predicted
    return np.asarray((predicted >= 0) & ~view.is_old[np.maximum(predicted, 0)])


def _judged(view: View, source: Source, drawn: BoolArray, rows: IntArray) -> Shortcut:
    judged, rows = len(rows), rows[source.known[view.rows[rows]]]
    label, inside = view.label[rows], source.inside[view.rows[rows]]
    old = view.is_old[label]
    shared = shared_classes(label, inside)
    wrong = ~view.predictions.correct[rows]
    excess = ClassAdjusted(label, drawn[rows]).excess(inside)
    n = max(int(shared.sum()), 1)
    new, lost = shared & ~old, wrong & old
    errors = ClassAdjusted(label[old], wrong[old]).excess(inside[old])
    drawn_old = ClassAdjusted(label[old], drawn[rows][old]).excess(inside[old])
    enough_new = min((new & inside).sum(), (new & ~inside).sum()) >= LEAST_SAMPLES
    one_class = np.zeros(int(lost.sum()), dtype=np.int64)
    return Shortcut(
        source=source,
        drawn=excess,
        drawn_old=drawn_old,
        drawn_share=drawn_old.excess / max(errors.excess, 1.0),
        errors_elsewhere=int((lost & ~inside).sum()),
        odds=_odds_within(label[shared], inside[shared], drawn[rows][shared]),
        odds_of_errors=_odds(one_class, inside[lost], drawn[rows][lost]),
        odds_of_new=_odds_within(label[new], inside[new], drawn[rows][new]) if enough_new else None,
        harms_old=errors.excess > 0,
        helps_new=ClassAdjusted(label[~old], wrong[~old]).excess(inside[~old]).excess < 0,
        share_old=_share(inside[old]),
        share_new=_share(inside[~old]),
        few=int(min((shared & inside).sum(), (shared & ~inside).sum())),
        n=n,
        judged=judged,
        flow=_flow(label, inside, drawn[rows], old, n),
    )


def _share(inside: BoolArray) -> float:
    return float(inside.mean()) if len(inside) else 0.0


def _flow(label: IntArray, inside: BoolArray, drawn: BoolArray, old: BoolArray, n: int) -> Interval:
    """Old samples of the source taken for new, and new ones from elsewhere taken for old, beyond their classes."""
    value, variance = 0.0, 0.0
    for mask, group, event in ((old, inside, drawn), (~old, ~inside, ~drawn)):
        if mask.any():
            excess = ClassAdjusted(label[mask], event[mask]).excess(group[mask])
            value += excess.excess
            variance += ((excess.high - excess.low) / 2) ** 2
    half = float(np.sqrt(variance))
    return Interval(value=value / n, low=(value - half) / n, high=(value + half) / n)


def _odds(kind: IntArray, inside: BoolArray, event: BoolArray) -> float:
    """Mantel-Haenszel odds ratio over classes; half a sample stands where a side has none.

    Source: Mantel and Haenszel 1959.
    """
    if not len(kind):
        return 1.0
    kinds, place = np.unique(kind, return_inverse=True)
    a, b, c, d = (
        np.bincount(place[mask], minlength=len(kinds)).astype(np.float64)
        for mask in (inside & event, inside & ~event, ~inside & event, ~inside & ~event)
    )
    n: FloatArray = a + b + c + d
    up, down = float((a * d / n).sum()), float((b * c / n).sum())
    half = max(0.5 * float(inside.mean() * (~inside).mean()), 0.25 / len(kind))
    return max(up, half) / max(down, half)


def _odds_within(label: IntArray, inside: BoolArray, event: BoolArray) -> Interval:
    """Within classes, with test-based limits (Miettinen 1976): the interval excludes 1 exactly where the test does."""
    odds, z = _odds(label, inside, event), ClassAdjusted(label, event).excess(inside).z
    spread = abs(np.log(odds)) * 1.96 / max(abs(z), 1e-6) if odds != 1 else 0.0
    spread = min(float(spread), 20.0)
    return Interval(value=odds, low=float(odds * np.exp(-spread)), high=float(odds * np.exp(spread)))
