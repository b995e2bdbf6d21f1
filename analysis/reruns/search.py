"""Successive halving: every variant is asked about a few pictures, the promising about more."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import IntArray
from analysis.errors import AnalysisError
from analysis.progress import ProgressCallback
from analysis.reruns.comparison import Comparison, compare
from analysis.reruns.store import Store, facts_of
from analysis.reruns.variant import Variant

FEWEST, MOST = 12, 1024  # pictures of a variant in the first and in the last round
SURVIVORS = (1.0, 0.34, 0.12)  # share of the variants in each round; the last round has one at least
PROMISING_Z, PROMISING_GAIN = 2.5, 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A variant after its last round."""

    variant: Variant
    comparison: Comparison

    @property
    def promises(self) -> bool:
        """Is it worth asking about every sample?"""
        return self.comparison.score >= PROMISING_Z and self.comparison.gain >= PROMISING_GAIN


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

    def best(self, variants: Sequence[Variant], allowance: float) -> Tried | None:
        """The variant with most for it, or None where there is nothing to try, or no means to.

        Args:
            variants: of one axis and one base, most likely first; of too many the last are left out.
            allowance: pictures of the main pass this may cost.
        """
        end = min(self.spent + allowance, self.whole)
        alive = self._affordable(variants, end - self.spent)
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

    def _affordable(self, variants: Sequence[Variant], allowance: float) -> list[Variant]:
        cost = np.cumsum([FEWEST * variant.cost for variant in variants])
        return [variant for variant, total in zip(variants, cost, strict=True) if total <= 0.7 * allowance]

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
        facts = facts_of(comparison) | {"promises": found.promises}
        is_full = len(rows) == len(self.order)
        self.store.tell(variant, images=len(rows), seconds=seconds, is_full=is_full, facts=facts)
        return found
