"""The exact sweep of a constant added to the new classes' logits, with the two accuracies that matter."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

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
    is_old = runs.is_old(key)
    if is_old is None:
        return None
    label = runs.column(key, "label_index")
    known = (label >= 0) & (label < runs.open_run(key).run.outputs)
    if (chosen := filters.answer(key, where).mask) is not None:
        known &= chosen
    old = examples.in_group(key, "old")[known]
    if old.all() or not old.any():
        return None
    inputs = (
        runs.column(key, "max_logit_old")[known],
        (runs.column(key, "best_old_index") == label)[known],
        runs.column(key, "max_logit_new")[known],
        (runs.column(key, "best_new_index") == label)[known],
        old,
    )
    sweep = report.sweep_of(*inputs)
    best, table = sweep.best_delta(), _with_flat_ends(report.sweep_table(sweep))
    rows = table.set_index("delta", drop=False)
    nearest = int(np.abs(table["delta"] - best).argmin())
    return BiasSweep(table=table, best=best, now=rows.loc[0.0], then=table.iloc[nearest], samples=int(known.sum()))


def _with_flat_ends(table: pd.DataFrame) -> pd.DataFrame:
    """The outer plateaus have no end: draw them as far as the axis may go."""
    reach = 2 * float(table["delta"].abs().max()) + 10
    return pd.concat([table.head(1).assign(delta=-reach), table, table.tail(1).assign(delta=reach)], ignore_index=True)
