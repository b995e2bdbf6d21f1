"""The exact sweep of a constant added to the new classes' logits, with the two accuracies that matter."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.reports import bias_sweep as report
from app.queries import examples, filters, runs
from app.queries.runs import RunKey


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasSweep:
    """The sweep over N samples whose label has an output."""

    table: pd.DataFrame
    """`delta` (logits), accuracies 0..1 `overall`, `old`, `new`, `harmonic`."""
    best: float
    """Offset in logits with the best overall accuracy."""
    now: pd.Series
    """The row at offset 0."""
    then: pd.Series
    """The row at the best offset."""
    samples: int


@st.cache_resource(max_entries=8, show_spinner=False)
def bias_sweep(key: RunKey, where: str = "", people: int = 0) -> BiasSweep | None:
    """The sweep over a run's samples that pass a filter; None without a split, or where a group has none of them.

    `people` only keys the cache (`filters.depends_on`).
    """
    if runs.is_old(key) is None:
        return None
    chosen, ordered = filters.answer(key, where).mask, _in_order(key)
    picked = ordered.known if chosen is None else ordered.known & chosen[ordered.sample]
    inputs = tuple(column[picked] for column in ordered.inputs)
    old = inputs[-1]
    if old.all() or not old.any():
        return None
    sweep = report.sweep_of(*inputs)
    best, table = sweep.best_delta(), _with_flat_ends(report.sweep_table(sweep))
    rows = table.set_index("delta", drop=False)
    nearest = int(np.abs(table["delta"] - best).argmin())
    return BiasSweep(table=table, best=best, now=rows.loc[0.0], then=table.iloc[nearest], samples=len(old))


@dataclass(frozen=True, slots=True, kw_only=True)
class _InOrder:
    """All N samples by ascending lead: a filter only has to pick, while sorting a million takes longest of all."""

    sample: IntArray  # (N,) which one stands there
    known: BoolArray  # (N,) its label has an output
    inputs: tuple[FloatArray, BoolArray, FloatArray, BoolArray, BoolArray]  # of `report.sweep_of`


@st.cache_resource(max_entries=2, show_spinner=False)
def _in_order(key: RunKey) -> _InOrder:
    label = runs.column(key, "label_index")
    max_old, max_new = runs.column(key, "max_logit_old"), runs.column(key, "max_logit_new")
    order = np.argsort(report.leads(max_old, max_new), kind="stable").astype(np.int32)
    return _InOrder(
        sample=order,
        known=((label >= 0) & (label < runs.open_run(key).run.outputs))[order],
        inputs=(
            max_old[order],
            (runs.column(key, "best_old_index") == label)[order],
            max_new[order],
            (runs.column(key, "best_new_index") == label)[order],
            examples.in_group(key, "old")[order],
        ),
    )


def _with_flat_ends(table: pd.DataFrame) -> pd.DataFrame:
    """The outer plateaus have no end: draw them as far as the axis may go."""
    reach = 2 * float(table["delta"].abs().max()) + 10
    return pd.concat([table.head(1).assign(delta=-reach), table, table.tail(1).assign(delta=reach)], ignore_index=True)
