"""The re-runs of a run: search within the budget, then confirm what promises a gain."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from analysis.inference.progress import Throttle
from analysis.progress import ProgressCallback
from analysis.reruns.asking import Asker
from analysis.reruns.axes import AXES
from analysis.reruns.axis import Axis
from analysis.reruns.orientations import orientations
from analysis.reruns.rounds import Rounds
from analysis.reruns.sampling import asking_order
from analysis.reruns.search import Search
from analysis.reruns.shown_pictures import write_pictures
from analysis.reruns.store import Store
from analysis.reruns.subject import Subject
from analysis.reruns.variant_making import as_it_was
from analysis.runs.run import Run

BUDGET = 0.25  # of the main pass
SPENT_ON_AXES = 0.8  # of the budget; the rest is for whatever is open then, or was needed for opening networks
SHOWN_AXES = frozenset({"normalization", "channels", "geometry", "exif", "decoding"})
SEARCHING = "reruns"
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
        rounds = Rounds(search, subject, progress, confirm=confirm)
        rounds.go(axes)
        rounds.look_again()
        search.whole = pictures
        rounds.look_at_one_group(axes)
        rounds.go_on()
        total = time.perf_counter() - began
        changed = [one for one in search.asked.values() if one.axis in SHOWN_AXES]
        write_pictures(run, asker, changed, search.order, as_it_was(subject))
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
