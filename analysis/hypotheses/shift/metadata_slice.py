"""A group of pictures that metadata can name fails: one camera, one source, one range of a number."""

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray
from analysis.diagnosis.failing_slices import slices_of
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.metadata import Metadata, metadata_of
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.unexplained_errors import unexplained_errors
from analysis.diagnosis.view import View
from analysis.reports.class_adjusted import ClassAdjusted, Excess
from analysis.reports.slices import Slice, SliceSearch

_LEAST = 0.25
_MATERIAL = 0.01  # of accuracy; what a slice that was not proven has to be able to cost to stay open
_SHOWN = 3


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """How much worse (share of the expected errors, or of the expected right answers) the failing slices are.

    Searched on one half, tested on the other; class by class, so that a slice of hard classes is none.
    """
    del outcome
    metadata, search = metadata_of(view), slices_of(view)
    failing = search.failing
    union = _held_out_union(view, failing)
    hidden = max((_could_hide(one.held_out, search.held_out) for one in search.slices), default=0.0)
    n = search.held_out
    return Measurement(
        summary=_summary(failing, union),
        denial=(
            f"No group that the {len(metadata.columns):,} usable columns of metadata can name fails much more often "
            f"than its classes elsewhere: {_tried(search)}."
        ),
        n=len(view) if metadata.columns else 0,
        effect=_effect(union) if failing else Interval(value=0.0, low=0.0, high=_LEAST * (hidden > 1)),
        p=min((one.p_adjusted for one in search.slices), default=1.0),
        gain=Interval(value=union.excess / n, low=union.low / n, high=union.high / n) if failing else None,
        abstain=_abstains(metadata, search, hidden),
        evidence=_evidence(search, metadata),
        table=_members(view, failing),
        tables={"slices": search.table(), "columns": _columns(metadata)},
    )


def _held_out_union(view: View, slices: tuple[Slice, ...]) -> Excess:
    """All of them as one group, in the half that did not suggest them."""
    rows = np.flatnonzero(view.second)
    inside = np.zeros(len(view), dtype=np.bool_)
    for one in slices:
        inside |= one.inside
    wrong: BoolArray = unexplained_errors(view)
    return ClassAdjusted(view.label[rows], wrong[rows]).excess(inside[rows])


def _effect(union: Excess) -> Interval:
    """Of the failing slices together; each by itself is at least `_LEAST` worse for certain."""
    low = max(union.low / union.scale, _LEAST)
    return Interval(value=max(union.relative, low), low=low, high=max(union.high / union.scale, low))


def _could_hide(held: Excess, n: int) -> float:
    """Above 1 where the upper bounds still allow a slice that is a quarter worse and costs a point of accuracy."""
    return min(held.high / held.scale / _LEAST, held.high / max(n, 1) / _MATERIAL)


def _abstains(metadata: Metadata, search: SliceSearch, hidden: float) -> str | None:
    if not metadata.columns:
        return _unusable(metadata)
    if search.failing or hidden <= 1:
        return None
    worst = max(search.slices, key=lambda one: _could_hide(one.held_out, search.held_out))
    return (
        f"the pictures with {worst.text} looked worse than their classes on one half; on the other they have "
        f"{worst.held_out.excess:+.0f} errors beyond the expected {worst.held_out.expected:.0f}, which a chance of "
        f"{search.held_out:,} samples explains, but up to {worst.held_out.high:.0f} cannot be excluded"
    )


def _summary(failing: tuple[Slice, ...], union: Excess) -> str:
    if not failing:
        return ""
    worst = failing[0]
    whole = worst.whole
    more = ""
    if len(failing) > 1:
        other = "slice is" if len(failing) == 2 else "slices are"
        more = f" {len(failing) - 1} more such {other} listed."
    return (
        f"Of the {whole.size:,} pictures with {worst.text}, {whole.errors:,} ({100 * whole.errors / whole.size:.1f} %) "
        f"are wrong; the same classes elsewhere would have {whole.expected:,.0f} wrong. It holds on the half that was "
        f"not searched: at least {max(0.0, union.low):,.0f} errors too many among {union.size:,} pictures.{more}"
    )


def _tried(search: SliceSearch) -> str:
    if not search.slices:
        return f"nothing stood out among {search.tried:,}"
    several = "the most suspicious one" if len(search.slices) == 1 else f"the {len(search.slices)} most suspicious ones"
    does = "does" if len(search.slices) == 1 else "do"
    return (
        f"{several} of {search.tried:,}, found on one half, {does} not hold on the other and cannot cost more than "
        f"{100 * _MATERIAL:.0f} point of accuracy"
    )


def _unusable(metadata: Metadata) -> str:
    first = metadata.skipped[0] if metadata.skipped else None
    return "no column makes groups" + (f" (“{first.name}”: {first.reason})" if first else "")


def _evidence(search: SliceSearch, metadata: Metadata) -> tuple[Evidence, ...]:
    items = [
        Evidence(name="columns searched", value=float(len(metadata.columns)), unit="count", n=search.searched),
        Evidence(name="columns that make no groups", value=float(len(metadata.skipped)), unit="count", n=0),
        Evidence(name="slices tried on one half", value=float(search.tried), unit="count", n=search.searched),
        Evidence(
            name="slices that fail on the other half too",
            value=float(len(search.failing)),
            threshold=1.0,
            unit="count",
            n=search.held_out,
        ),
    ]
    for one in (search.failing or search.slices)[:_SHOWN]:
        held = one.held_out
        items.append(
            Evidence(
                name=f"errors of {one.text} against its classes', lower bound, held out",
                value=held.low / held.scale,
                threshold=_LEAST,
                unit="relative",
                n=held.size,
            )
        )
    return tuple(items)


def _members(view: View, failing: tuple[Slice, ...]) -> pd.DataFrame:
    """Samples of the failing slices; score = error rate of the first slice that has them, wrong ones first."""
    score = np.zeros(len(view))
    name = np.full(len(view), "", dtype=object)
    for one in reversed(failing):
        score[one.inside] = one.whole.errors / max(one.whole.size, 1)
        name[one.inside] = one.text
    rows = np.flatnonzero(name != "")
    table = pd.DataFrame(
        {
            "sample_id": view.rows[rows],
            "score": score[rows],
            "slice": name[rows],
            "wrong": ~view.predictions.correct[rows],
        }
    )
    return table.sort_values(["score", "wrong", "sample_id"], ascending=[False, False, True], ignore_index=True)


def _columns(metadata: Metadata) -> pd.DataFrame:
    rows = [(one.name, one.levels, "") for one in metadata.columns]
    rows += [(one.name, 0, one.reason) for one in metadata.skipped]
    return pd.DataFrame(rows, columns=["column", "levels", "left_out_because"])


HYPOTHESIS = Hypothesis(
    id="metadata_slice",
    title="A group that metadata can name fails",
    chapter="shift",
    claim="pictures with one value of a metadata column, whatever their class, are wrong more often",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "metadata"),
    measure=measure,
    min_effect=_LEAST,
    n_min=200,
    look_alikes=("source_domain_shift", "spurious_metadata", "source_shortcut", "failure_cluster", "tail_classes"),
    fix=(
        "Look at these pictures beside others of the same classes. If a device or a preparation step made them "
        "different, undo that; otherwise collect or augment pictures like them for training."
    ),
    source="Sagadeeva and Boehm 2021 (SliceLine); Mantel and Haenszel 1959; Holm 1979",
)
