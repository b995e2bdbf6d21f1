"""Routes: one group's pictures prepared otherwise than the other's, and what that gives back beyond a constant.

A constant between the outputs of the groups is fitted either way, so that a preprocessing which merely makes up for one
gains nothing. Letters: N samples, C classes or output columns, whichever are more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray
from analysis.diagnosis.column_groups import old_share
from analysis.diagnosis.group_best import GroupBest
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.significance import Interval, Paired, paired
from analysis.diagnosis.view import View

LEAST = 0.02
PER_GROUP = 100
_AXES = ("normalization", "channels", "geometry")
_DRAWS = 99
_LEVEL = 0.05
_SURE = 1e-4
_LOOKED_AT = 2_000  # samples


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """One group's pictures prepared by a variant, the other's as they are.

    Attributes:
        variant: its id. label: in words.
        old: True if it is the old classes' pictures that the variant prepares, False for the new ones'.
        change: of accuracy by that, beyond what a constant between the groups or the repairs in place give back.
        plain: of accuracy by that alone, no constant fitted.
        own: what the variant changes for the samples of that group among its own classes. rest: for the others'.
        tried: how many routes were compared.
    """

    variant: str
    label: str
    old: bool
    change: Paired
    plain: Paired
    own: Paired
    rest: Paired
    tried: int

    @property
    def divides(self) -> bool:
        """Does this group gain, and would the other one clearly lose by the same, among its own classes?

        This one must not lose half as much there: what spoils all pictures takes logits from whoever wins too much.
        """
        rest, own = self.rest.change, self.own.change
        return self.change.change.value > 0 and rest.value <= -LEAST and rest.high < 0 and own.value > rest.value / 2

    @property
    def gain(self) -> Interval:
        """What undoing it gives back: a part of that may be told as a constant, too, and beneath one none shows."""
        return max(self.plain.change, self.change.change, key=lambda change: change.value)

    @property
    def p(self) -> float:
        """Of the change, the routes counted as tests."""
        return min(1.0, self.change.p * self.tried)

    @property
    def holds(self) -> bool:
        """Is it proven by itself, among all that is tested?"""
        return self.change.change.value >= LEAST and self.change.change.low > 0 and self.is_sure

    @property
    def is_sure(self) -> bool:
        """More than luck? The search has chosen the variant among a dozen, in part on these very samples."""
        return self.p <= _SURE


def best_route(view: View) -> Route | None:
    """The route that gains most for certain, of those that divide the groups; None where there is none.

    Nearly all random groups of classes have to gain less. What lifts any few classes over the others says nothing of
    the old and the new ones: on scrambled outputs one preprocessing or another is lucky for many a group.

    Args:
        view: all N samples.
    """
    kept = view.kept.get("route")
    if kept is None or kept[0] is not view.predictions:
        best = max((route for route in _routes(view) if route.divides), key=_certain, default=None)
        if best is not None and not _stands_out(view, best):
            best = None
        view.kept["route"] = kept = (view.predictions, best)
    found: Route | None = kept[1]
    return found


def proven_route(view: View) -> Route | None:
    """The best route where it is proven, with samples enough of both groups.

    Args:
        view: all N samples.
    """
    old = view.is_old[view.label] if view.run.is_old is not None else np.zeros(len(view), dtype=np.bool_)
    if min(int(old.sum()), int((~old).sum())) < PER_GROUP:
        return None
    best = best_route(view)
    return best if best is not None and best.holds else None


def accuracies(view: View, route: Route) -> pd.DataFrame:
    """Accuracy (0..1) with a route, with the other group's pictures prepared so instead, and with all of them.

    As the finding's table of variants: `variant`, `label`, `images`, `is_full`, `accuracy`, `accuracy_base`, each with
    its best constant between the groups. Only the route itself is called by the variant's id, as its pictures are.

    Args:
        view: all N samples.
        route: one of its routes.
    """
    is_new, share = _is_new(view), old_share(view)
    was = _best(_as_it_is(view), is_new)
    now = _best(_answers(view, route.variant), is_new)
    this, other = ("old", "new") if route.old else ("new", "old")
    ways = (
        (route.variant, f"{this} classes alone", was.routed(now, route.old)),
        (f"{route.variant}-{other}", f"{other} classes alone", was.routed(now, not route.old)),
        (f"{route.variant}-all", "all pictures", now),
    )
    return pd.DataFrame(
        {
            "variant": [name for name, _, _ in ways],
            "label": [f"{route.label}, {whose}" for _, whose, _ in ways],
            "images": len(view),
            "is_full": True,
            "accuracy": [float(way.right_with_constant(view.second, share).mean()) for _, _, way in ways],
            "accuracy_base": float(was.right_with_constant(view.second, share).mean()),
        }
    )


def _certain(route: Route) -> float:
    return route.change.change.low


def _routes(view: View) -> list[Route]:
    """Every confirmed variant for either group, against the run itself."""
    variants = list(_confirmed(view))
    if not variants:
        return []
    is_new, share = _is_new(view), old_share(view)
    was, found = _best(_as_it_is(view), is_new), []
    held, repaired = was.right_with_constant(view.second, share), view.predictions.correct
    held = repaired if repaired.mean() > held.mean() else held
    for variant, label in variants:
        now = _best(_answers(view, variant), is_new)
        for old in (True, False):
            side, routed = was.is_old == old, was.routed(now, old)
            found.append(
                Route(
                    variant=variant,
                    label=label,
                    old=old,
                    change=paired(held, routed.right_with_constant(view.second, share)),
                    plain=paired(was.right(), routed.right()),
                    own=paired(was.right_in_group[side], now.right_in_group[side]),
                    rest=paired(was.right_in_group[~side], now.right_in_group[~side]),
                    tried=2 * len(variants),
                )
            )
    return found


def _confirmed(view: View) -> Iterator[tuple[str, str]]:
    """Id and label of every preprocessing that all samples were asked under."""
    reruns = view.run.reruns
    if reruns is None or "is_full" not in reruns.table:
        return
    table = reruns.table[reruns.table["is_full"].astype(bool) & reruns.table["axis"].isin(_AXES)]
    yield from zip(table["variant"], table["label"], strict=True)


def _as_it_is(view: View) -> Predictions:
    """The run's answers, or those of another state of the network where one is in place, such as fresh BatchNorm.

    A preprocessing may make up for a part of what such a repair mends as a whole.
    """
    source = view.predictions.source
    if source and source not in {variant for variant, _ in _confirmed(view)}:
        return _answers(view, source)
    return Predictions.of_candidates(*view.run.topk(), view.label, view.run.outputs)


def _answers(view: View, variant: str) -> Predictions:
    """Those of all N samples under a variant, nothing repaired."""
    assert view.run.reruns is not None
    answers = view.run.reruns.get(variant)
    return Predictions.of_candidates(answers.index, answers.logit, view.label, view.run.outputs)


def _best(predictions: Predictions, is_new: BoolArray) -> GroupBest:
    return GroupBest.of(predictions, is_new, ~is_new[predictions.label])


def _is_new(view: View) -> BoolArray:
    """(C,) True for the new classes and their outputs; outputs of no class count as old."""
    is_new = np.zeros(max(view.run.outputs, len(view.is_old)), dtype=np.bool_)
    is_new[: len(view.is_old)] = ~view.is_old
    return is_new


def _stands_out(view: View, route: Route) -> bool:
    """Do at most 5 % of random groups of the same size gain as much, these among them?"""
    rows = np.linspace(0, len(view) - 1, min(_LOOKED_AT, len(view))).astype(np.int64)
    plain, variant = _as_it_is(view).at(rows), _answers(view, route.variant).at(rows)
    is_new, random = _is_new(view), np.random.default_rng(0)

    def gained(group: BoolArray) -> int:
        was = _best(plain, group)
        return was.routed(_best(variant, group), route.old).most_right - was.most_right

    here, reached = gained(is_new), 0
    for _ in range(_DRAWS):
        other = random.permutation(is_new)
        reached += not np.array_equal(other, is_new) and gained(other) >= here
        if 1 + reached > _LEVEL * (1 + _DRAWS):
            return False
    return True
