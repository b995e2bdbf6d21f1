"""Every variant is asked about a few pictures; whichever has most for it is asked about more, again and again."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.errors import AnalysisError
from analysis.inference.batch_size import is_out_of_memory
from analysis.progress import ProgressCallback
from analysis.reruns import one_group
from analysis.reruns.answers import Answers
from analysis.reruns.comparison import Comparison, compare
from analysis.reruns.first_norm import FirstNorm, first_norm
from analysis.reruns.store import Store, facts_of
from analysis.reruns.tried import Tried, tried_of
from analysis.reruns.variant import Variant

FIRST_NORM_COST = 2.0  # pictures of the main pass: the first layer of some tens of pictures
CERTAIN = 64  # pictures after which a promise is asked no more
FEWEST, MOST = 12, 1024  # pictures of a variant in the first and in the last round
ORDERED_BY_FIRST_NORM = frozenset({"normalization", "channels"})
BETTER_Z = 1.0
RUN_OFF, CLOSE_Z = 4, 2.0  # candidates, and how far behind the best they may be
RUN_OFF_MOST, RUN_OFF_SHARE = 512, 8  # pictures of each: at most an eighth of all
PART_FOR_FIRST_ROUND = 0.8


@dataclass(slots=True, kw_only=True, eq=False)
class Search:
    """A search over variants of one axis.

    Attributes:
        store: Asks and keeps.
        order: (N,) sample_ids in the order in which they are asked.
        label: (N,) class.
        is_old: (N,) True where it is an old one; None without a split.
        tell: Progress; called with ("reruns", spent, whole budget) in pictures.
        spent: Pictures of the main pass that were paid so far, over all axes. whole: the budget.
        asked: Every variant that was asked about a picture, by id.
    """

    store: Store
    order: IntArray
    label: IntArray
    tell: ProgressCallback
    whole: float
    is_old: BoolArray | None = None
    spent: float = 0.0
    asked: dict[str, Variant] = field(default_factory=dict)
    _first_norms: dict[str, FirstNorm | None] = field(default_factory=dict)

    def best(self, variants: Sequence[Variant], allowance: float) -> list[Tried]:
        """The variants that came farthest, most for it first; empty where there is nothing to try, or no means to.

        Args:
            variants: of one axis and one base, most likely first; of too many the last are left out.
            allowance: pictures of the main pass this may cost.
        """
        end = min(self.spent + allowance, self.whole)
        alive = self._affordable(self._by_first_norm(variants), end - self.spent)
        images = self._images(alive, end)
        found = [tried for variant in alive if (tried := self._try(variant, images)) is not None]
        return self.go_on(found, end - self.spent)

    def go_on(self, tried: Iterable[Tried], allowance: float) -> list[Tried]:
        """More pictures for what may be worth most, again and again; then most for it first.

        Args:
            tried: variants of one base.
            allowance: pictures of the main pass this may cost.
        """
        end = min(self.spent + allowance, self.whole)
        found = {one.variant.id: one for one in tried}
        while (best := self._next(found.values(), end)) is not None:
            again = self._try(best.variant, self._more(best, end))
            if again is None:
                break
            found[best.variant.id] = again
        return sorted(found.values(), key=lambda one: -one.score)

    def _next(self, found: Iterable[Tried], end: float) -> Tried | None:
        """The variant that may be worth most, of those that can be paid; None once one is certain."""
        hopeful = [one for one in found if one.is_hopeful]
        if any(one.promises and one.comparison.images >= CERTAIN for one in hopeful):
            return None
        payable = [one for one in hopeful if self._more(one, end) > self._held(one.variant)]
        return max(payable, key=lambda one: one.at_best / max(1.0, one.variant.cost), default=None)

    def _more(self, tried: Tried, end: float) -> int:
        """Half as many pictures again, as far as they can be paid."""
        held = self._held(tried.variant)
        payable = int((end - self.spent - tried.variant.opening) / tried.variant.cost)
        step = max(FEWEST // 2, held // 2)
        asked = len(self.order) if tried.variant.rows is None else len(tried.variant.rows)
        return min(MOST, asked, held + step) if payable >= step else held

    def second_look(self, found: Sequence[Tried]) -> list[Tried]:
        """Those that nearly promise a gain on more pictures, most for it first; part of confirming, as a run-off is.

        A tenth of accuracy is two standard errors on 150 pictures, more than one variant of a dozen can be asked about
        in a quarter of a small pass.
        """
        looked = dict[str, Tried]()
        for one in [one for one in found if one.nearly_promises][:RUN_OFF]:
            again = self.look_at(one.variant) if self._held(one.variant) < self._many else None
            looked[one.variant.id] = again or one
        return sorted((looked.get(one.variant.id, one) for one in found), key=lambda one: -one.score)

    def look_at(self, variant: Variant) -> Tried | None:
        """A variant on an eighth of all pictures, at most 512, whatever is left of the budget; part of confirming."""
        spent = self.spent
        found = self._try(variant, self._many)
        self.spent = spent
        return found

    @property
    def _many(self) -> int:
        return min(RUN_OFF_MOST, len(self.order) // RUN_OFF_SHARE)

    def run_off(self, candidates: Sequence[Tried]) -> Tried:
        """The best of candidates that lie close together, on more pictures; part of confirming, not of the search."""
        best = candidates[0]
        others = sorted(candidates[1:], key=lambda one: (one.is_due, one.at_best), reverse=True)
        close = [best, *[one for one in others if self._is_close(one, best)][: RUN_OFF - 1]]
        if len(close) == 1 and self._held(best.variant) >= self._many:
            return best
        again = [found for one in close if (found := self.look_at(one.variant)) is not None]
        rivals = [one for one in again if one.is_due] or again or [best]
        best = rivals[0]
        for challenger in rivals[1:]:
            best = challenger if self._beats(challenger, best, self._many) else best
        return best

    def _is_close(self, one: Tried, best: Tried) -> bool:
        """Is what speaks for the best, against this one, no more than chance?

        What both gain over a base without right answers does not say which of them is better.
        """
        return one.score > best.score - CLOSE_Z or (one.promises and self._against(best, one) < CLOSE_Z)

    def _beats(self, challenger: Tried, champion: Tried, images: int) -> bool:
        """Does more speak for the one than for the other on the same pictures, the first layer's view included?

        Against each other, not each against the base: where a head fault hides what is right, the smaller but surer
        gain of right answers would win.
        """
        rows = self.first(champion.variant, images)
        held, other = (self.store.few(one.variant, rows) for one in (champion, challenger))
        label = self.label[rows]
        for_it, against = compare(held, other, label).score, compare(other, held, label).score
        return for_it - against + float(np.clip(champion.behind - challenger.behind, -2.0, 2.0)) > 0

    def first(self, variant: Variant, images: int) -> IntArray:
        """Ascending sample_ids of the first so many samples in the order that the variant can change."""
        order = self.order if variant.rows is None else self.order[np.isin(self.order, variant.rows)]
        return np.asarray(np.sort(order[:images]))

    def compared(self, variant: Variant, answers: Answers) -> Comparison:
        """Answers of a variant against its base's for the same samples.

        Rows that were trained on otherwise prepared pictures fit those, while the network tells them apart less well.
        """
        rows = answers.rows
        old = None if self.is_old is None else self.is_old[rows]
        base = self.store.base_of(variant, rows)
        return compare(base, answers, self.label[rows], old, means=variant.axis != one_group.AXIS)

    def judged(self, variant: Variant, comparison: Comparison) -> Tried:
        """The comparison with what the first BatchNorm says of the pictures."""
        now, was = self._first_norms.get(variant.id), self._first_norms.get(variant.base)
        if now is None or was is None or variant.axis not in ORDERED_BY_FIRST_NORM:
            return Tried(variant=variant, comparison=comparison)
        seen = [one for one in self._first_norms.values() if one is not None]
        return tried_of(variant, comparison, was, now, seen)

    def is_better(self, one: Tried, other: Tried) -> bool:
        """Does one do better than the other on the pictures both were asked about?"""
        return self._against(one, other) > BETTER_Z

    def _against(self, one: Tried, other: Tried) -> float:
        """How much speaks for one, against the other, on the pictures both were asked about."""
        rows = self.first(one.variant, min(self._held(one.variant), self._held(other.variant)))
        first, second = (self.store.few(tried.variant, rows) for tried in (other, one))
        return compare(first, second, self.label[rows]).score

    def _by_first_norm(self, variants: Sequence[Variant]) -> list[Variant]:
        """Those whose pictures look more as in training first, where the axis changes what the first layer sees.

        It is enough that those of the old or of the new classes do: the two may have been prepared differently.
        """
        found = {}
        for variant in variants:
            if variant.network is None and variant.axis in ORDERED_BY_FIRST_NORM:
                found[variant.id] = self.first_norm(variant)
        if any(away is None for away in found.values()):
            return list(variants)
        return sorted(variants, key=lambda variant: getattr(found.get(variant.id), "nearest", 0.0))

    def first_norm(self, variant: Variant) -> FirstNorm | None:
        """Distance of the variant's pictures from the statistics of the first BatchNorm, kept."""
        if variant.id not in self._first_norms:
            self._first_norms[variant.id] = first_norm(self.store.asker, variant, self.order, self.is_old)
            self.spent += FIRST_NORM_COST * variant.cost
        return self._first_norms[variant.id]

    def can_pay(self, variants: Sequence[Variant]) -> bool:
        """Is there anything left for the first round of one of them?"""
        left = self.whole - self.spent
        return any(one.sure or FEWEST * one.cost + one.opening <= left for one in variants)

    def _affordable(self, variants: Sequence[Variant], allowance: float) -> list[Variant]:
        """As many as the first round can pay; the likeliest one in any case, as long as there is anything left."""
        left, found = PART_FOR_FIRST_ROUND * allowance, list[Variant]()
        for variant in variants:
            cost = FEWEST * variant.cost + variant.opening
            if variant.sure or cost <= (left if found else self.whole - self.spent):
                found.append(variant)
                left -= cost
        return found

    def _images(self, alive: Sequence[Variant], end: float) -> int:
        """How many pictures each variant is asked about at first: a third of what there is, spread over them."""
        left = max(0.0, end - self.spent - sum(one.opening for one in alive)) / 3
        return int(np.clip(left / max(1e-9, sum(one.cost for one in alive)), FEWEST, max(FEWEST, MOST // 16)))

    def _held(self, variant: Variant) -> int:
        return int(self.store.rows.get(variant.id, {}).get("images", 0))

    def _try(self, variant: Variant, images: int) -> Tried | None:
        """Ask about the first samples in the order that the variant can change; None where it cannot be asked."""
        rows = self.first(variant, max(images, self._held(variant)))
        if not len(rows):
            return None
        began = time.perf_counter()
        self.tell("reruns", int(self.spent), int(self.whole))
        try:
            answers = self.store.few(variant, rows)
        except AnalysisError:  # another size that the network refuses, or a conversion that a picture does not allow
            return None
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return None
        fresh = max(0, len(rows) - self._held(variant))
        if not variant.sure:  # what other evidence calls for is paid with the confirmation
            self.spent += variant.cost * fresh + (variant.opening if fresh else 0.0)
        comparison = self.compared(variant, answers)
        seconds = time.perf_counter() - began
        found = self.judged(variant, comparison)
        facts = self.facts_of(found)
        is_full = len(rows) == len(self.order)
        self.asked[variant.id] = variant
        self.store.tell(variant, images=len(rows), seconds=seconds, is_full=is_full, facts=facts)
        return found

    def facts_of(self, tried: Tried) -> dict[str, Any]:
        """Columns of ``variants.parquet`` that are known of a variant that was tried."""
        variant = tried.variant
        now, was = self._first_norms.get(variant.id), self._first_norms.get(variant.base)
        return facts_of(tried.comparison) | {
            "score": tried.score,
            "promises": tried.promises,
            "worth": variant.worth,
            "first_norm_distance": None if now is None else now.mean,
            "first_norm_distance_base": None if was is None else was.mean,
        }
