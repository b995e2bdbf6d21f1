"""Predictions follow something that goes with the class: what is right with one value of a column is wrong without."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.diagnosis.failing_slices import slices_of
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.sources import source_columns
from analysis.diagnosis.unexplained_errors import unexplained_errors
from analysis.diagnosis.view import View
from analysis.reports.leaning import Leaning, leaning, shared_information
from analysis.reports.metadata_columns import Levels

_GAP = 0.05  # of accuracy, lower bound
_BALANCE = 0.3
_UNEVEN = 0.15  # below which small samples do not hide an even one
_DOUBTFUL = 0.25  # p with all columns counted, above which a gap is taken for chance
_LEAST = 30  # samples of a value in each half
_SHUFFLES = 20
_SAME = 0.7  # share of the failing slices' pictures from which they are the same cause
_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tested:
    column: Levels
    leaning: Leaning

    @property
    def gap(self) -> Interval:
        """Accuracy lost where the value speaks against the class, held out."""
        held = self.leaning.held_out
        size = max(held.size, 1)
        return Interval(value=held.excess / size, low=held.low / size, high=held.high / size)

    @property
    def holds(self) -> bool:
        """All conditions but p."""
        return self.gap.low >= _GAP and self.leaning.balance >= _BALANCE


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy lost in classes for which a column's value is unusual, while other classes gain by the same value.

    Which classes a value helps is learnt on one half, the gap is measured on the other, within each class. A value that
    harms nearly every class is a failing slice, not something that predictions follow.
    """
    del outcome
    wrong = unexplained_errors(view)
    tested = [
        _Tested(column=one, leaning=leaning(one.code, one.levels, view.label, wrong, view.second, least=_LEAST))
        for one in source_columns(view)
    ]
    tested = [one for one in tested if one.leaning.held_out.size >= _LEAST]
    tested.sort(key=lambda one: one.leaning.held_out.p)
    found = next((one for one in tested if one.holds), None)
    worst = found or (tested[0] if tested else None)
    return Measurement(
        summary=_summary(found) + _also_a_slice(view, found) if found else "",
        denial=_denial(tested),
        n=len(view) if tested else 0,
        effect=_effect(found, tested),
        p=min(1.0, len(tested) * found.leaning.held_out.p) if found else 1.0,
        gain=_bound(found, view) if found else None,
        abstain=None if tested else f"no column has 2 to 20 values with {_LEAST} pictures each",
        evidence=_evidence(view, worst),
        table=_members(view, found) if found else None,
        tables={"columns": _table(tested)} | ({"cells": _cells(view, found)} if found else {}),
    )


def _effect(found: _Tested | None, tested: list[_Tested]) -> Interval:
    """Without a finding the gap of the most suspicious column; one that helps no class is not looked at further."""
    if found is not None:
        return found.gap
    doubtful = [
        one.gap
        for one in tested
        if one.leaning.balance >= _UNEVEN and len(tested) * one.leaning.held_out.p <= _DOUBTFUL
    ]
    return Interval(value=0.0, low=0.0, high=max((gap.high for gap in doubtful), default=0.0))


def _bound(found: _Tested, view: View) -> Interval:
    held, n = found.leaning.held_out, max(int(view.second.sum()), 1)
    return Interval(value=held.excess / n, low=held.low / n, high=held.high / n)


def _summary(found: _Tested) -> str:
    held, gap = found.leaning.held_out, found.gap
    return (
        f"Predictions follow “{found.column.name}”: its values help some classes and harm others. Where the value "
        f"speaks against the class, {held.errors:,} of {held.size:,} held-out pictures are wrong; the same classes "
        f"with other values would have {held.expected:,.0f} wrong ({100 * gap.value:.1f} points of accuracy, 95 % "
        f"interval {100 * gap.low:.1f} to {100 * gap.high:.1f})."
    )


def _also_a_slice(view: View, found: _Tested) -> str:
    """A column that goes with the class makes slices of the cells that fail; they are no second cause."""
    failing = slices_of(view).failing
    if not failing:
        return ""
    inside = np.logical_or.reduce([one.inside for one in failing])
    if float(found.leaning.against[inside].mean()) < _SAME:
        return ""
    return " The pictures that “A group that metadata can name fails” points at are some of these: one cause, not two."


def _denial(tested: list[_Tested]) -> str:
    if not tested:
        return "No column of metadata has values with pictures enough."
    one = tested[0]
    return (
        f"Predictions follow none of {len(tested):,} columns: with the most suspicious one, “{one.column.name}”, "
        f"classes that its value seemed to harm on one half lose {100 * one.gap.value:+.1f} points on the other "
        f"(from {100 * _GAP:.0f} on it counts)."
    )


def _evidence(view: View, worst: _Tested | None) -> tuple[Evidence, ...]:
    if worst is None:
        return ()
    held, name = worst.leaning.held_out, worst.column.name
    rows = np.flatnonzero(worst.column.code >= 0)
    information, by_chance = shared_information(
        view.predictions.predicted[rows], worst.column.code[rows], view.label[rows], shuffles=_SHUFFLES
    )
    return (
        Evidence(
            name=f"accuracy lost where “{name}” speaks against the class, lower bound, held out",
            value=worst.gap.low,
            threshold=_GAP,
            unit="fraction",
            n=held.size,
        ),
        Evidence(
            name="how evenly its values help some classes and harm others",
            value=worst.leaning.balance,
            threshold=_BALANCE,
            unit="fraction",
            n=held.size,
        ),
        Evidence(
            name=f"what “{name}” tells of the prediction beyond the label, less what shuffling within classes gives",
            value=information - by_chance,
            threshold=0.0,
            unit="nats",
            n=len(rows),
        ),
    )


def _table(tested: list[_Tested]) -> pd.DataFrame:
    rows = [
        (one.column.name, one.leaning.held_out.size, one.gap.value, one.gap.low, one.gap.high, one.leaning.balance,
         one.leaning.held_out.p, one.holds)
        for one in tested[:_SHOWN]
    ]  # fmt: skip
    return pd.DataFrame(
        rows, columns=["column", "held_out_size", "gap", "gap_low", "gap_high", "balance", "p", "holds"]
    )


def _cells(view: View, found: _Tested) -> pd.DataFrame:
    """Accuracy of every class with every value, classes with the most errors against them first; at most 1,000 rows."""
    rows = np.flatnonzero(found.column.code >= 0)
    table = pd.DataFrame(
        {
            "class_index": view.label[rows],
            "value": [found.column.text(code, code) for code in found.column.code[rows].tolist()],
            "wrong": ~view.predictions.correct[rows],
            "against": found.leaning.against[rows],
        }
    )
    cells = table.groupby(["class_index", "value"], as_index=False).agg(
        size=("wrong", "size"), errors=("wrong", "sum"), against=("against", "any")
    )
    names = view.run.class_names
    cells.insert(1, "class", [names[index] for index in cells["class_index"]])
    lost = cells["errors"].where(cells["against"], 0).groupby(cells["class_index"]).transform("sum")
    order = cells.assign(lost=lost).sort_values(["lost", "class_index", "value"], ascending=[False, True, True])
    return order.drop(columns="lost").head(1000).reset_index(drop=True)


def _members(view: View, found: _Tested) -> pd.DataFrame:
    """Samples whose value speaks against their class, wrong ones first; score = share of such that are wrong."""
    rows = np.flatnonzero(found.leaning.against)
    held = found.leaning.held_out
    table = pd.DataFrame(
        {
            "sample_id": view.rows[rows],
            "score": np.full(len(rows), held.errors / max(held.size, 1)),
            "value": [found.column.text(code, code) for code in found.column.code[rows].tolist()],
            "wrong": ~view.predictions.correct[rows],
        }
    )
    return table.sort_values(["wrong", "sample_id"], ascending=[False, True], ignore_index=True)


HYPOTHESIS = Hypothesis(
    id="spurious_metadata",
    title="Predictions follow something beside the class",
    chapter="shift",
    claim="something that went with the class in training, such as background or device, decides instead of the object",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "metadata"),
    measure=measure,
    min_effect=_GAP,
    n_min=200,
    look_alikes=("metadata_slice", "source_shortcut", "source_domain_shift"),
    fix=(
        "Collect pictures of these classes with the values they lack, or train the head again with every class and "
        "value balanced in each batch."
    ),
    source="Sagawa et al. 2019, arXiv 1911.08731; Kirichenko et al. 2022, arXiv 2204.02937",
)
