"""The rounds of a search: one axis after the other, then whatever is open yet, then one group of classes."""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from analysis.errors import ArchitectureError, ImageError
from analysis.inference.batch_size import is_out_of_memory
from analysis.progress import ProgressCallback
from analysis.reruns.axis import Axis
from analysis.reruns.one_group import for_one_group, losing_group
from analysis.reruns.search import ORDERED_BY_FIRST_NORM, Search
from analysis.reruns.subject import Subject
from analysis.reruns.tried import Tried
from analysis.reruns.variant import Variant
from analysis.reruns.variant_making import as_it_was

CONFIRMED_AT_MOST = 3
COMPARED = 2048  # pictures of a confirmed variant, for its facts
CONFIRMING = "confirming"
_NEARLY_ALL = 0.9  # of a rival's gain: then the preprocessing is the cause
_SPOKEN_AGAINST = 0.25


class Rounds:
    """One axis after the other, each on top of what was confirmed before.

    Attributes:
        confirmed: ids of the variants that every sample was asked about, in that order.
        postponed: ids of those that were worth it, without the means or the wish to.
        seconds_confirming: spent on whole passes, and on choosing what they are spent on.
    """

    def __init__(self, search: Search, subject: Subject, progress: ProgressCallback, *, confirm: bool) -> None:
        self._search, self._subject, self._progress, self._confirm = search, subject, progress, confirm
        self.confirmed: list[str] = []
        self.postponed: list[str] = []
        self._proposals: dict[tuple[str, str], Sequence[Variant]] = {}
        self._base = as_it_was(subject)  # what was confirmed last
        self._open: list[Tried] = []  # on it, with too few pictures to tell
        self.seconds_confirming, self._whole_passes = 0.0, 0

    def go(self, axes: Sequence[Axis]) -> None:
        """Search each axis on its share, on top of what the ones before it have found."""
        base = self._base
        rivals, axes = [one for one in axes if one.rivals], [one for one in axes if not one.rivals]
        for place, axis in enumerate(axes):
            left = self._search.whole - self._search.spent
            share = self._share(axis, base)
            shares = [self._share(one, base) for one in axes[place:] if self._can_pay(one, base)]
            found = self._found(axis, base, left * share / max(sum(shares), share))
            adopted = self._adopted(found)
            self._search.store.asker.forget_pictures()
            if not any(one.deserves_more for one in found):
                self._open += [one for one in found if not one.variant.sure]
            if adopted is not None and axis.follows:
                base, self._open = adopted if base.id else self._against_rivals(axis, adopted, rivals), []
        self._base = base

    def look_at_one_group(self, axes: Sequence[Axis]) -> None:
        """Is there a preprocessing that one group's pictures alone want? What promises is asked about all samples.

        All of them, as the other group has to lose by it.
        """
        search, base, is_old = self._search, self._base, self._subject.is_old
        old = None if is_old is None else losing_group(search.store.answers_of(base), self._subject.label, is_old)
        if old is None:
            return
        by_pixels = [self._proposed(axis, base) for axis in axes if axis.name in ORDERED_BY_FIRST_NORM]
        whole = [one for some in zip_longest(*reversed(by_pixels)) for one in some if one is not None]
        if any(one.id in (*self.confirmed, *self.postponed) for one in whole):
            return
        parts = for_one_group(self._subject, whole, old)
        found = search.best(parts, search.whole - search.spent)
        if self._confirm and not any(one.is_due for one in found):
            found = self._looked_again(found)
        for one in [one for one in found if one.is_due][:1]:
            chosen = whole[[part.id for part in parts].index(one.variant.id)]
            if not self._confirm:
                self.postponed.append(chosen.id)
            elif self._loses(for_one_group(self._subject, [chosen], not old)[0]):
                self._confirmed(replace(one, variant=chosen))

    def _loses(self, variant: Variant) -> bool:
        """Do the pictures that a variant changes lose by it?"""
        began = time.perf_counter()
        found = self._search.look_at(variant)
        self.seconds_confirming += time.perf_counter() - began
        return found is not None and found.harms

    def go_on(self) -> None:
        """What is left over goes to whatever is open yet on the last base."""
        self._open = self._search.go_on(self._open, self._search.whole)
        self.look_again()

    def look_again(self) -> None:
        """What nearly promises a gain on the last base is looked at once more."""
        if self._confirm and not any(one.deserves_more for one in self._open):
            self._open = self._looked_again(self._open)
        if self._adopted(self._open) is not None:
            self._open = []

    def _looked_again(self, found: list[Tried]) -> list[Tried]:
        began = time.perf_counter()
        found = self._search.second_look(found)
        self.seconds_confirming += time.perf_counter() - began
        return found

    def _against_rivals(self, axis: Axis, adopted: Variant, rivals: Sequence[Axis]) -> Variant:
        """What the following axes stand on: the variant that was confirmed, or a rival that clearly gives back more.

        BatchNorm under statistics of other pictures answers better where pictures are made to look like those, and
        estimated anew it forgives pictures that are prepared otherwise: only both, on all pictures, tell which it is.
        """
        best = adopted
        for rival in rivals:
            proposed = rival.propose(self._subject, as_it_was(self._subject)) if axis.name in rival.rivals else []
            confirmed = next((one for one in proposed if one.id in self.confirmed), None)
            if confirmed is None:
                found = self._search.best(proposed, 0.0)
                confirmed = self._confirmed(found[0], counts=False) if found else None
            if confirmed is not None and self._gain(confirmed) * _NEARLY_ALL > self._gain(adopted):
                best = confirmed
        return best

    def _gain(self, variant: Variant) -> float:
        """Accuracy gained on the pictures that a confirmed variant is compared on."""
        row = self._search.store.rows[variant.id]
        return float(row["accuracy"]) - float(row["accuracy_base"])

    def _share(self, axis: Axis, base: Variant) -> float:
        """Of what is left; little for what the first layer speaks against, as it sees these pictures as in training."""
        if axis.name not in ORDERED_BY_FIRST_NORM:
            return axis.share
        seen = self._search.first_norm(base)
        return axis.share * (_SPOKEN_AGAINST if seen is not None and seen.is_as_in_training else 1.0)

    def _can_pay(self, axis: Axis, base: Variant) -> bool:
        """Is there something to try on an axis, and anything left for it?"""
        return self._search.can_pay(self._proposed(axis, base))

    def _proposed(self, axis: Axis, base: Variant) -> Sequence[Variant]:
        """Variants of an axis; some look at pictures for them, so they are made once."""
        key = axis.name, base.id
        if key not in self._proposals:
            self._proposals[key] = axis.propose(self._subject, base)
        return self._proposals[key]

    def _found(self, axis: Axis, base: Variant, allowance: float) -> list[Tried]:
        """Variants of an axis, and of what lies around the best, most for it first."""
        search, end = self._search, self._search.spent + allowance
        search.first_norm(base)
        found = search.best(self._proposed(axis, base), (0.9 if axis.refine else 1.0) * allowance)
        if not found or axis.refine is None or not found[0].promises:
            return found
        around = search.best(axis.refine(self._subject, base, found[0].variant), end - search.spent)
        if around and search.is_better(around[0], found[0]):
            return [*around[:1], *found]
        return [*found[:1], *around[:1], *found[1:]]

    def _adopted(self, found: list[Tried]) -> Variant | None:
        """The best variant, asked about every sample, where it is worth that and still does better."""
        due = [one for one in found if one.deserves_more]
        if not due:
            return None
        if not self._confirm:
            self.postponed += [one.variant.id for one in due if one.is_due][:1]
            return None
        began = time.perf_counter()
        if not any(one.improves for one in due) and all(one.divides for one in due):  # for one group alone
            again = self._search.look_at(max(due, key=lambda one: one.helped).variant)
            self.seconds_confirming += time.perf_counter() - began
            return self._confirmed(again) if again is not None and again.divides else None
        best = due[0] if due[0].variant.sure else self._search.run_off(due if not due[0].is_due else found)
        self.seconds_confirming += time.perf_counter() - began
        return self._confirmed(best) if best.is_due else None

    def _confirmed(self, tried: Tried, *, counts: bool = True) -> Variant | None:
        """Ask about every sample; the variant, where it still does better."""
        variant = tried.variant
        if variant.id in self.confirmed:
            return None  # on the same base as before
        if counts and variant.rows is None and self._whole_passes >= CONFIRMED_AT_MOST:
            self.postponed.append(variant.id)
            return None
        began = time.perf_counter()
        search, store = self._search, self._search.store
        try:
            answers = store.full(variant, self._progress, CONFIRMING)
        except (ImageError, ArchitectureError):  # one picture among all that does not allow this way
            self.postponed.append(variant.id)
            return None
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            self.postponed.append(variant.id)
            return None
        found = search.judged(variant, search.compared(variant, answers.at(search.first(variant, COMPARED))))
        seconds = time.perf_counter() - began
        self.seconds_confirming += seconds
        facts = self._search.facts_of(found)
        store.tell(variant, images=len(answers), seconds=seconds, is_full=True, facts=facts)
        self.confirmed.append(variant.id)
        search.asked[variant.id] = variant
        self._whole_passes += counts and variant.rows is None
        return variant if found.helps else None
