"""Pictures of one source look different from others of their classes, and the network fails on them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.failing_slices import slices_of
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.sources import Source, shared_classes, source_columns, standing_out, thinned
from analysis.diagnosis.unexplained_errors import unexplained_errors
from analysis.diagnosis.view import View
from analysis.reports.class_adjusted import ClassAdjusted, Excess
from analysis.reports.two_samples import kernel_distance, separability

_GAP = 0.03  # of accuracy, within the same classes
_AUC = 0.7
_CANDIDATES = 3
_LEAST = 50  # samples on each side, of shared classes, held out
_COMPARED = 1500  # samples on each side that the rule is fitted on and scored on
_KERNEL = 300  # samples on each side for the kernel distance
_SHUFFLES = 4999
_SAME = 0.7  # share of a source's pictures in failing slices, from which it is the same cause


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shift:
    """A source judged on the half that did not suggest it."""

    source: Source
    held_out: Excess
    whole: Excess  # of both halves: for what cannot be excluded
    shared: int  # classes with samples on both sides
    few: int  # samples of these classes on the smaller side
    auc: float
    auc_error: float
    distance: float | None
    p: float

    @property
    def gap(self) -> Interval:
        """Accuracy lost against the same classes elsewhere."""
        size = max(self.held_out.size, 1)
        return Interval(value=self.held_out.excess / size, low=self.held_out.low / size, high=self.held_out.high / size)

    @property
    def most(self) -> float:
        """Largest loss of accuracy that all samples together allow."""
        return self.whole.high / max(self.whole.size, 1)

    @property
    def is_shift(self) -> bool:
        """Told apart, and worse."""
        return self.few >= _LEAST and self.auc >= _AUC and self.gap.value >= _GAP and self.gap.low > 0

    @property
    def is_open(self) -> bool:
        """Neither the look nor the gap can be excluded."""
        if self.few < _LEAST:
            return self.most >= _GAP
        return self.auc + 2 * self.auc_error >= _AUC and self.most >= _GAP


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy that pictures of one source lose against the same classes elsewhere, where they also look different.

    The source is chosen on one half by its errors and judged on the other: gap, how well its embeddings are told apart
    within a class, and the kernel distance with membership shuffled within each class. Being told apart alone is no
    fault: any two real sources are (arXiv 2403.08632).
    """
    del outcome
    wrong, first = unexplained_errors(view), np.flatnonzero(~view.second)
    shifts = [_judged(view, source, wrong) for source in standing_out(view, wrong, first, _CANDIDATES)]
    found = min((one for one in shifts if one.is_shift), key=lambda one: one.p, default=None)
    worst = found or max(shifts, key=lambda one: (one.is_open, one.auc), default=None)
    tested = max(1, len(shifts))
    same = _share_in_slices(view, found.source) if found else 0.0
    return Measurement(
        summary=_summary(found, same) if found else "",
        denial=_denial(view, worst),
        n=len(view) if shifts else 0,
        effect=_effect(found, shifts),
        p=min(1.0, tested * found.p) if found else 1.0,
        gain=_bound(found, view) if found and same < _SAME else None,
        lane=Lane.NOTE if same >= _SAME else None,
        abstain=_abstains(shifts, found),
        evidence=_evidence(worst),
        table=_members(view, found) if found else None,
        tables={"sources": _table(shifts)},
    )


def _judged(view: View, source: Source, wrong: BoolArray) -> _Shift:
    """Held-out numbers of one source; the kernel distance only where it can still matter."""
    every = np.flatnonzero(source.known)
    rows = every[view.second[every]]
    inside = source.inside[rows]
    held = ClassAdjusted(view.label[rows], wrong[rows]).excess(inside)
    shared = shared_classes(view.label[rows], inside)
    few = int(min((inside & shared).sum(), (~inside & shared).sum()))
    auc, error = _told_apart(view, source) if few >= _LEAST else (0.5, 0.5)
    distance, p = None, held.p
    if auc >= _AUC and held.p <= 0.05:
        distance, by_shuffling = _kernel(view, source, rows[shared])
        p = max(p, by_shuffling)
    return _Shift(
        source=source,
        held_out=held,
        whole=ClassAdjusted(view.label[every], wrong[every]).excess(source.inside[every]),
        shared=len(np.unique(view.label[rows][shared])),
        few=few,
        auc=auc,
        auc_error=error,
        distance=distance,
        p=p,
    )


def _told_apart(view: View, source: Source) -> tuple[float, float]:
    halves = []
    for half in (False, True):
        rows: IntArray = np.flatnonzero((view.second == half) & source.known)
        rows = rows[shared_classes(view.label[rows], source.inside[rows])]
        if not len(rows):
            return 0.5, 0.5
        rows = thinned(rows, source.inside[rows], _COMPARED)
        halves.append((_embeddings(view, rows), view.label[rows], source.inside[rows]))
    return separability(halves[0], halves[1])


def _kernel(view: View, source: Source, rows: IntArray) -> tuple[float, float]:
    rows = thinned(rows, source.inside[rows], _KERNEL)
    return kernel_distance(_embeddings(view, rows), view.label[rows], source.inside[rows], permutations=_SHUFFLES)


def _embeddings(view: View, rows: IntArray) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.asarray(view.all_embeddings[view.rows[rows]], dtype=np.float32)


def _share_in_slices(view: View, source: Source) -> float:
    """How many of the source's pictures the failing slices of metadata point at already."""
    inside: BoolArray = np.zeros(len(view), dtype=np.bool_)
    for one in slices_of(view).failing:
        inside |= one.inside
    return float(inside[source.inside].mean()) if source.inside.any() else 0.0


def _effect(found: _Shift | None, shifts: list[_Shift]) -> Interval:
    if found is not None:
        return found.gap
    return Interval(value=0.0, low=0.0, high=_GAP if any(one.is_open for one in shifts) else 0.0)


def _bound(found: _Shift, view: View) -> Interval:
    n = max(int(view.second.sum()), 1)
    held = found.held_out
    return Interval(value=held.excess / n, low=held.low / n, high=held.high / n)


def _summary(found: _Shift, same: float) -> str:
    held = found.held_out
    also = (
        " These are the pictures that “A group that metadata can name fails” points at: one cause, not two; this says "
        "that they also look different to the network."
        if same >= _SAME
        else ""
    )
    return (
        f"Pictures with {found.source.text} look different from others of the same classes (told apart at random pairs "
        f"in {100 * found.auc:.0f} %, chance 50 %) and are right {100 * found.gap.value:.1f} points less often: "
        f"{held.errors:,} of {held.size:,} held-out ones are wrong, their classes elsewhere would have "
        f"{held.expected:,.0f}.{also}"
    )


def _denial(view: View, worst: _Shift | None) -> str:
    if worst is None:
        return "No column of metadata names sources with pictures enough."
    return (
        f"No source looks different and fails: of {len(source_columns(view)):,} columns the most suspicious value is "
        f"{worst.source.text}; told apart from the same classes elsewhere in {100 * worst.auc:.0f} % of the pairs "
        f"(from {100 * _AUC:.0f} % on it counts), accuracy {-100 * worst.gap.value:+.1f} points."
    )


def _abstains(shifts: list[_Shift], found: _Shift | None) -> str | None:
    if not shifts:
        return f"no column has 2 to 20 values with {_LEAST} pictures each"
    still = [one for one in shifts if one.is_open]
    if found is not None or not still:
        return None
    one = still[0]
    return (
        f"pictures with {one.source.text} may be right up to {100 * one.most:.1f} points less often than their "
        f"classes elsewhere; {one.few:,} held-out pictures of shared classes are too few to tell"
    )


def _evidence(worst: _Shift | None) -> tuple[Evidence, ...]:
    if worst is None:
        return ()
    held, name = worst.held_out, worst.source.text
    few = worst.few
    return (
        Evidence(
            name=f"accuracy that {name} loses against its classes elsewhere, held out",
            value=worst.gap.value,
            threshold=_GAP,
            unit="fraction",
            n=held.size,
        ),
        Evidence(name="lower bound of it", value=worst.gap.low, threshold=0.0, unit="fraction", n=held.size),
        Evidence(
            name="how well its embeddings are told apart within a class (AUC), held out",
            value=worst.auc,
            threshold=_AUC,
            unit="fraction",
            n=2 * few,
        ),
        Evidence(name="kernel distance (MMD², unbiased)", value=worst.distance, unit="squared distance", n=2 * few),
        Evidence(name="classes in this source and elsewhere", value=float(worst.shared), unit="count", n=held.size),
    )


def _table(shifts: list[_Shift]) -> pd.DataFrame:
    rows = [
        (one.source.text, one.held_out.size, one.shared, one.gap.value, one.gap.low, one.gap.high, one.auc,
         one.distance, one.p, one.is_shift)
        for one in shifts
    ]  # fmt: skip
    columns = ["source", "held_out_size", "shared_classes", "gap", "gap_low", "gap_high", "auc", "mmd2", "p", "shifted"]
    return pd.DataFrame(rows, columns=columns)


def _members(view: View, found: _Shift) -> pd.DataFrame:
    """The source's samples, wrong ones first; score = the share of its held-out samples that are wrong."""
    rows = np.flatnonzero(found.source.inside)
    wrong = ~view.predictions.correct[rows]
    score = np.full(len(rows), found.held_out.errors / max(found.held_out.size, 1))
    table = pd.DataFrame({"sample_id": view.rows[rows], "score": score, "source": found.source.text, "wrong": wrong})
    return table.sort_values(["wrong", "sample_id"], ascending=[False, True], ignore_index=True)


HYPOTHESIS = Hypothesis(
    id="source_domain_shift",
    title="One source's pictures look different",
    chapter="shift",
    claim="pictures of one source look different to the network, and it fails on them",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "metadata", "embeddings"),
    measure=measure,
    min_effect=_GAP,
    n_min=200,
    look_alikes=("metadata_slice", "source_shortcut", "group_preproc_divergence", "preproc_geometry", "bn_stats_stale"),
    fix=(
        "Compare pictures of this source with others of the same classes: resolution, sharpness, colours, cropping. "
        "Prepare them alike, or put such pictures (or augmentations that imitate them) into training."
    ),
    source="Gretton et al. 2012; Lopez-Paz and Oquab 2017, arXiv 1610.06545; Liu and He 2024, arXiv 2403.08632",
)
