"""The re-runs of a run: search within the budget, then confirm what promises a gain."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from analysis.inference.progress import Throttle
from analysis.progress import ProgressCallback
from analysis.reruns.asking import Asker
from analysis.reruns.axes import AXES
from analysis.reruns.axis import Axis
from analysis.reruns.comparison import compare
from analysis.reruns.orientations import orientations
from analysis.reruns.sampling import asking_order
from analysis.reruns.search import Search, Tried
from analysis.reruns.store import Store
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant
from analysis.runs.run import Run

BUDGET = 0.25  # of the main pass
SPENT_ON_PICTURES = 0.9  # of the budget; the rest is for opening networks
CONFIRMED_AT_MOST = 3
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
    pictures = BUDGET * SPENT_ON_PICTURES * len(subject)
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
            whole=pictures,
        )
        rounds = _Rounds(search, subject, progress, confirm=confirm)
        rounds.go(axes)
        total = time.perf_counter() - began
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


class _Rounds:
    """One axis after the other, each on top of what was confirmed before."""

    def __init__(self, search: Search, subject: Subject, progress: ProgressCallback, *, confirm: bool) -> None:
        self._search, self._subject, self._progress, self._confirm = search, subject, progress, confirm
        self.confirmed: list[str] = []
        self.postponed: list[str] = []
        self.seconds_confirming, self._whole_passes = 0.0, 0

    def go(self, axes: Sequence[Axis]) -> None:
        subject = self._subject
        base = Variant(id="", axis="", base="", label="as it was", preprocessing=subject.preprocessing)
        shares = np.array([axis.share for axis in axes])
        for place, axis in enumerate(axes):
            left = self._search.whole - self._search.spent
            allowance = left * float(shares[place] / max(shares[place:].sum(), 1e-9))
            best = self._found(axis, base, allowance)
            adopted = self._confirmed(best) if best is not None and best.is_due else None
            self._search.store.asker.forget_pictures()
            if adopted is not None and axis.follows:
                base = adopted

    def _found(self, axis: Axis, base: Variant, allowance: float) -> Tried | None:
        """The best variant of an axis, and of what lies around it."""
        search, end = self._search, self._search.spent + allowance
        part = 0.75 if axis.refine else 1.0
        search.first_norm(base)
        best = search.best(axis.propose(self._subject, base), part * allowance)
        if best is None or axis.refine is None or not best.promises:
            return best
        around = search.best(axis.refine(self._subject, base, best.variant), end - search.spent)
        return best if around is None or not search.is_better(around, best) else around

    def _confirmed(self, tried: Tried) -> Variant | None:
        """Ask about every sample; the variant, where it still does better."""
        variant = tried.variant
        if not self._confirm or (variant.rows is None and self._whole_passes >= CONFIRMED_AT_MOST):
            self.postponed.append(variant.id)
            return None
        began = time.perf_counter()
        store, label = self._search.store, self._subject.label
        answers = store.full(variant, self._progress, CONFIRMING)
        rows = np.sort(self._search.order[:2048])
        comparison = compare(store.base_of(variant, rows), answers.at(rows), label[rows])
        seconds = time.perf_counter() - began
        self.seconds_confirming += seconds
        found = Tried(variant=variant, comparison=comparison)
        facts = self._search.facts_of(found)
        store.tell(variant, images=len(answers), seconds=seconds, is_full=True, facts=facts)
        self.confirmed.append(variant.id)
        self._whole_passes += variant.rows is None
        return variant if found.promises else None
