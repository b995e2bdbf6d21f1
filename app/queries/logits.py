"""The questions of the Logits page: distributions, the sweep of the offset, old against new, head rows."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import BoolArray, FloatArray, IntArray
from app.charts.distributions import histogram_table
from app.queries import examples, filters, runs
from app.queries.runs import RunKey

MOST_CELLS = 72
MEASURES = ("Label's logit", "Largest logit", "Margin")


def _chosen(key: RunKey, outcome: str, where: str) -> BoolArray:
    correct = runs.column(key, "correct")
    mask = np.ones(len(correct), dtype=np.bool_) if outcome == "All" else correct == (outcome == "Correct")
    passing = filters.answer(key, where).mask
    return mask if passing is None else mask & passing


@st.cache_resource(max_entries=8, show_spinner=False)
def _largest(key: RunKey) -> FloatArray:
    """log(confidence) + logsumexp: the stored candidates of a million samples would be half a gigabyte."""
    with np.errstate(divide="ignore"):
        return np.log(runs.column(key, "confidence")) + runs.column(key, "logsumexp")


@st.cache_resource(max_entries=32, show_spinner=False)
def distributions(key: RunKey, measure: str, outcome: str, where: str = "", people: int = 0) -> pd.DataFrame:
    """Histograms by group (see `histogram_table`); series are named `old …` and `new …`, or `all …` without a split.

    Args:
        key: The run.
        measure: One of `MEASURES`. The label's logit and the margin are split by the label's group, the largest logit
            by the group of the classes it is taken over.
        outcome: All | Wrong | Correct.
        where: A filter expression.
        people: Only keys the cache (`filters.depends_on`).
    """
    chosen = _chosen(key, outcome, where)
    if runs.is_old(key) is None:
        values = {
            "Label's logit": lambda: runs.column(key, "label_logit"),
            "Largest logit": lambda: _largest(key),
            "Margin": lambda: runs.column(key, "margin"),
        }[measure]()
        return histogram_table({"all classes": values[chosen]})
    if measure == "Largest logit":
        return histogram_table(
            {f"{group} classes": runs.column(key, f"max_logit_{group}")[chosen] for group in ("old", "new")}
        )
    values = runs.column(key, "label_logit" if measure == "Label's logit" else "margin")
    return histogram_table(
        {f"{group} labels": values[chosen & examples.in_group(key, group)] for group in ("old", "new")}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """Samples over (largest old logit, largest new logit), by the group of the label."""

    counts: dict[str, IntArray]  # group → (X, Y)
    edges: tuple[FloatArray, FloatArray]
    new_wins: dict[str, float]  # group → share (0..1) of its samples where the largest new logit is above the old one


@st.cache_resource(max_entries=16, show_spinner=False)
def density(key: RunKey, outcome: str, where: str = "", people: int = 0) -> Density | None:
    """How the two groups compete; None without a split or without a sample."""
    if runs.is_old(key) is None:
        return None
    old, new = runs.column(key, "max_logit_old"), runs.column(key, "max_logit_new")
    usable = np.flatnonzero(_chosen(key, outcome, where) & np.isfinite(old) & np.isfinite(new))
    if not len(usable):
        return None
    old, new, is_old = old[usable], new[usable], examples.in_group(key, "old")[usable]
    cells = int(np.clip(np.sqrt(len(usable)), 12, MOST_CELLS))
    edges = (_edges(old, cells), _edges(new, cells))
    cell = _cell(old, edges[0]) * cells + _cell(new, edges[1])
    counts, wins = {}, {}
    for group, mask in (("old", is_old), ("new", examples.in_group(key, "new")[usable])):
        counts[group] = np.bincount(cell[mask], minlength=cells * cells).reshape(cells, cells)
        wins[group] = float((new[mask] > old[mask]).mean()) if mask.any() else float("nan")
    return Density(counts=counts, edges=edges, new_wins=wins)


def _edges(values: FloatArray, cells: int) -> FloatArray:
    low, high = float(values.min()), float(values.max())
    return np.linspace(low, high if high > low else low + 1, cells + 1)


def _cell(values: FloatArray, edges: FloatArray) -> IntArray:
    """Which of the equally wide cells holds each value; the last one holds its upper edge, too.

    Computed, not searched for as `np.histogram2d` does, which takes twice as long for a million.
    """
    cells = len(edges) - 1
    place = (np.asarray(values, dtype=np.float64) - edges[0]) * (cells / (edges[-1] - edges[0]))
    return np.minimum(place.astype(np.int64), cells - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRows:
    """Norms and biases of the head's rows by group: histograms and medians."""

    norms: pd.DataFrame
    biases: pd.DataFrame | None  # None where no row has a bias other than 0
    median_norm: dict[str, float]
    median_bias: dict[str, float]


@st.cache_resource(max_entries=8, show_spinner=False)
def head_rows(key: RunKey) -> HeadRows | None:
    """Norms and biases of the head by group; None where the head is hidden or the classes are not computed yet."""
    frame = runs.classes(key)
    if frame.empty or "head_norm" not in frame or not np.isfinite(frame["head_norm"].to_numpy(dtype=float)).any():
        return None
    group = frame["group"].fillna("all").astype(str)
    norms = {f"{name} classes": part.to_numpy(dtype=float) for name, part in frame.groupby(group)["head_norm"]}
    biases = {f"{name} classes": part.to_numpy(dtype=float) for name, part in frame.groupby(group)["head_bias"]}
    order = [f"{name} classes" for name in ("old", "new", "all") if f"{name} classes" in norms]
    has_bias = any(np.nan_to_num(part).any() for part in biases.values())
    return HeadRows(
        norms=histogram_table({name: norms[name] for name in order}, bins=40),
        biases=histogram_table({name: biases[name] for name in order}, bins=40) if has_bias else None,
        median_norm={name: float(np.nanmedian(norms[name])) for name in order},
        median_bias={name: float(np.nanmedian(biases[name])) for name in order},
    )
