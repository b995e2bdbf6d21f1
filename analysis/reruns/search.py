"""Successive halving: every variant is asked about a few pictures, the promising about more."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.arrays import IntArray
from analysis.errors import AnalysisError
from analysis.progress import ProgressCallback
from analysis.reruns.comparison import Comparison, compare
from analysis.reruns.first_norm import FirstNorm, first_norm
from analysis.reruns.store import Store, facts_of
from analysis.reruns.variant import Variant

FEWEST, MOST = 12, 1024  # pictures of a variant in the first and in the last round
ORDERED_BY_FIRST_NORM = frozenset({"normalization", "channels"})
SURVIVORS = (1.0, 0.34, 0.12)  # share of the variants in each round; the last round has one at least
PROMISING_Z, BETTER_Z = 2.0, 1.0
PART_FOR_FIRST_ROUND = 0.7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A variant after its last round."""

    variant: Variant
    comparison: Comparison

    @property
    def promises(self) -> bool:
        """Is it worth asking about every sample?

        Class means gain about twice as much as a trained head does from the same repair.
        """
        found, worth = self.comparison, self.variant.worth
        enough = found.gain >= worth or (found.gain_apart or 0.0) >= 2 * worth
        return enough and found.score >= PROMISING_Z

    @property
    def is_due(self) -> bool:
        """Is every sample to be asked about?"""
        return self.promises or self.variant.sure


@dataclass(slots=True, kw_only=True, eq=False)
class Search:
    """A search over variants of one axis.

    Attributes:
        store: Asks and keeps.
        order: (N,) sample_ids in the order in which they are asked.
        label: (N,) class.
        tell: Progress; called with ("reruns", spent, whole budget) in pictures.
        spent: Pictures of the main pass that were paid so far, over all axes. whole: the budget.
    """

    store: Store
    order: IntArray
    label: IntArray
    tell: ProgressCallback
    whole: float
    spent: float = 0.0
    _first_norms: dict[str, FirstNorm | None] = field(default_factory=dict)

    def best(self, variants: Sequence[Variant], allowance: float) -> Tried | None:
        """The variant with most for it, or None where there is nothing to try, or no means to.

        Args:
            variants: of one axis and one base, most likely first; of too many the last are left out.
            allowance: pictures of the main pass this may cost.
        """
        end = min(self.spent + allowance, self.whole)
        alive = self._affordable(self._by_first_norm(variants), end - self.spent)
        count, best = len(alive), None
        for round_, share in enumerate(SURVIVORS):
            alive = alive[: max(1, round(share * count))]
            images = self._images(alive, end, rounds_left=len(SURVIVORS) - round_)
            tried = [found for variant in alive if (found := self._try(variant, images)) is not None]
            tried.sort(key=lambda one: -one.comparison.score)
            alive = [one.variant for one in tried if one.comparison.score > 0]
            best = tried[0] if tried else best
            if not alive:
                break
        return best

    def is_better(self, one: Tried, other: Tried) -> bool:
        """Does one do better than the other on the pictures both were asked about?"""
        count = min(self._held(one.variant), self._held(other.variant))
        rows = np.sort(self.order[:count])
        first, second = (self.store.few(tried.variant, rows) for tried in (other, one))
        return compare(first, second, self.label[rows]).score > BETTER_Z

    def _by_first_norm(self, variants: Sequence[Variant]) -> list[Variant]:
        """Those whose pictures look more as in training first, where the axis changes what the first layer sees."""
        found = {}
        for variant in variants:
            if variant.network is None and variant.axis in ORDERED_BY_FIRST_NORM:
                found[variant.id] = self.first_norm(variant)
        if any(away is None for away in found.values()):
            return list(variants)
        return sorted(variants, key=lambda variant: getattr(found.get(variant.id), "mean", 0.0))

    def first_norm(self, variant: Variant) -> FirstNorm | None:
        """Distance of the variant's pictures from the statistics of the first BatchNorm, kept."""
        if variant.id not in self._first_norms:
            self._first_norms[variant.id] = first_norm(self.store.asker, variant, self.order)
        return self._first_norms[variant.id]

    def _affordable(self, variants: Sequence[Variant], allowance: float) -> list[Variant]:
        left, found = PART_FOR_FIRST_ROUND * allowance, []
        for variant in variants:
            if (cost := FEWEST * variant.cost) <= left or variant.sure:
                found.append(variant)
                left -= cost
        return found

    def _images(self, alive: Sequence[Variant], end: float, *, rounds_left: int) -> int:
        """How many pictures each variant may have been asked about by the end of this round."""
        left = max(0.0, end - self.spent) / rounds_left
        held = min((self._held(variant) for variant in alive), default=0)
        fresh = int(left / max(1e-9, sum(variant.cost for variant in alive)))
        return int(min(MOST, len(self.order), max(FEWEST if rounds_left == len(SURVIVORS) else 0, held + fresh)))

    def _held(self, variant: Variant) -> int:
        return int(self.store.rows.get(variant.id, {}).get("images", 0))

    def _try(self, variant: Variant, images: int) -> Tried | None:
        """Ask about the first samples in the order that the variant can change; None where it cannot be asked."""
        order = self.order if variant.rows is None else self.order[np.isin(self.order, variant.rows)]
        rows = np.sort(order[: max(images, self._held(variant))])
        if not len(rows):
            return None
        began = time.perf_counter()
        self.tell("reruns", int(self.spent), int(self.whole))
        try:
            answers = self.store.few(variant, rows)
        except AnalysisError:  # another size that the network refuses, or a conversion that a picture does not allow
            return None
        self.spent += variant.cost * max(0, len(rows) - self._held(variant))
        comparison = compare(self.store.base_of(variant, rows), answers, self.label[rows])
        seconds = time.perf_counter() - began
        found = Tried(variant=variant, comparison=comparison)
        facts = self.facts_of(found)
        is_full = len(rows) == len(self.order)
        self.store.tell(variant, images=len(rows), seconds=seconds, is_full=is_full, facts=facts)
        return found

    def facts_of(self, tried: Tried) -> dict[str, Any]:
        """Columns of ``variants.parquet`` that are known of a variant that was tried."""
        variant = tried.variant
        now, was = self._first_norms.get(variant.id), self._first_norms.get(variant.base)
        return facts_of(tried.comparison) | {
            "promises": tried.promises,
            "worth": variant.worth,
            "first_norm_distance": None if now is None else now.mean,
            "first_norm_distance_base": None if was is None else was.mean,
        }
