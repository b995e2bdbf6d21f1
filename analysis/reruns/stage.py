"""The re-runs of a run: search within the budget, then confirm what promises a gain."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest

from analysis.errors import ArchitectureError, ImageError
from analysis.inference.batch_size import is_out_of_memory
from analysis.inference.progress import Throttle
from analysis.progress import ProgressCallback
from analysis.reruns.asking import Asker
from analysis.reruns.axes import AXES
from analysis.reruns.axis import Axis
from analysis.reruns.one_group import for_one_group, losing_group
from analysis.reruns.orientations import orientations
from analysis.reruns.sampling import asking_order
from analysis.reruns.search import ORDERED_BY_FIRST_NORM, Search
from analysis.reruns.shown_pictures import write_pictures
from analysis.reruns.store import Store
from analysis.reruns.subject import Subject
from analysis.reruns.tried import Tried
from analysis.reruns.variant import Variant
from analysis.runs.run import Run

BUDGET = 0.25  # of the main pass
SPENT_ON_AXES = 0.8  # of the budget; the rest is for whatever is open then, or was needed for opening networks
SPENT_ON_ONE_GROUP = 0.75  # of what the axes leave
CONFIRMED_AT_MOST = 3
SHOWN_AXES = frozenset({"normalization", "channels", "geometry", "exif", "decoding"})
_NEARLY_ALL = 0.9  # of a rival's gain: then the preprocessing is the cause
_SPOKEN_AGAINST = 0.25
COMPARED = 2048  # pictures of a confirmed variant, for its facts
SEARCHING, CONFIRMING = "reruns", "confirming"
Tell = Callable[[str], None]


def rerun(
    run: Run,
    subject: Subject,
    progress: ProgressCallback,
    tell: Tell,
    *,
    confirm: bool = True,
    axes: Sequence[Axis] = AXES,
) -> None:
    """Write ``reruns/``: what the network answers where pictures or network are prepared otherwise.

    Args:
        run: Inference is complete.
        subject: Its model and pictures.
        progress: Called with ("reruns", …) while searching, ("confirming", …) while whole passes run.
        tell: Takes one notice for a person.
        confirm: False: search only.
        axes: In the order they are searched; a variant confirmed in one is the base of those after it.
    """
    seconds = BUDGET * subject.seconds
    pictures = BUDGET * len(subject)
    tell(
        f"Other preprocessings and states of the network are tried on few pictures, for at most {seconds:,.1f} s "
        f"(a quarter of the main pass); a promising one is then asked about every picture."
    )
    subject = replace(subject, orientation=orientations(run, subject, Throttle(progress), SEARCHING))
    began = time.perf_counter()
    with Asker(subject) as asker:
        store = Store(run=run, asker=asker)
        search = Search(
            store=store,
            order=asking_order(subject.label, subject.seed),
            label=subject.label,
            tell=progress,
            whole=SPENT_ON_AXES * pictures,
            is_old=None if subject.is_old is None else subject.is_old[subject.label],
        )
        rounds = _Rounds(search, subject, progress, confirm=confirm)
        rounds.go(axes)
        search.whole = pictures
        rounds.look_at_one_group(axes)
        rounds.go_on()
        total = time.perf_counter() - began
        changed = [one for one in search.asked.values() if one.axis in SHOWN_AXES]
        write_pictures(run, asker, changed, search.order, _as_it_was(subject))
        store.write(
            {
                "share": BUDGET,
                "seconds_allowed": round(seconds, 3),
                "seconds_searching": round(total - rounds.seconds_confirming, 3),
                "seconds_confirming": round(rounds.seconds_confirming, 3),
                "pictures_allowed": int(pictures),
                "pictures_asked": int(search.spent),
                "confirmed": rounds.confirmed,
                "not_confirmed": rounds.postponed,
            }
        )


def _as_it_was(subject: Subject) -> Variant:
    return Variant(id="", axis="", base="", label="as it was", preprocessing=subject.preprocessing)


class _Rounds:
    """One axis after the other, each on top of what was confirmed before."""

    def __init__(self, search: Search, subject: Subject, progress: ProgressCallback, *, confirm: bool) -> None:
        self._search, self._subject, self._progress, self._confirm = search, subject, progress, confirm
        self.confirmed: list[str] = []
        self.postponed: list[str] = []
        self._proposals: dict[tuple[str, str], Sequence[Variant]] = {}
        self._base = _as_it_was(subject)  # what was confirmed last
        self._losing: dict[str, bool | None] = {}  # by base
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
            shares += [self._kept_for_one_group(axes, base)]
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
        search, base = self._search, self._base
        by_pixels = [self._proposed(axis, base) for axis in axes if axis.name in ORDERED_BY_FIRST_NORM]
        whole = [one for some in zip_longest(*reversed(by_pixels)) for one in some if one is not None]
        old = self._losing_group(base)
        if old is None or any(one.id in (*self.confirmed, *self.postponed) for one in whole):
            return
        parts = for_one_group(self._subject, whole, old)
        found = search.best(parts, SPENT_ON_ONE_GROUP * (search.whole - search.spent))
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
        """What all axes have left over goes to whatever is open yet on the last base."""
        found = self._search.go_on(self._open, self._search.whole)
        if self._confirm and not any(one.deserves_more for one in found):
            found = self._looked_again(found)
        self._adopted(found)

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
            proposed = rival.propose(self._subject, _as_it_was(self._subject)) if axis.name in rival.rivals else []
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

    def _kept_for_one_group(self, axes: Sequence[Axis], base: Variant) -> float:
        """What the first layer takes from some axes may be needed for one group, whose training it does not know."""
        if self._losing_group(base) is None:
            return 0.0
        return sum(axis.share - self._share(axis, base) for axis in axes)

    def _losing_group(self, base: Variant) -> bool | None:
        if base.id not in self._losing:
            is_old, label = self._subject.is_old, self._subject.label
            answers = self._search.store.answers_of(base)
            self._losing[base.id] = None if is_old is None else losing_group(answers, label, is_old)
        return self._losing[base.id]

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
        if not any(one.improves for one in due) and all(one.divides for one in due):  # for one group alone
            return self._confirmed(max(due, key=lambda one: one.helped))
        began = time.perf_counter()
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
