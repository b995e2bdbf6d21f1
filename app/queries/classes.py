"""The questions of the Classes page: which classes, in which order, and all about one of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import FloatArray, IntArray
from analysis.errors import RunError
from analysis.reports.head_neighbours import nearest_rows, place_in_group, row_lengths
from analysis.reports.shrunk_recall import shrunk_recall
from app.charts.distributions import histogram_table
from app.queries import passing, runs
from app.queries.class_search import class_name, classes_like, group_of
from app.queries.passing import EVERY, Filter
from app.queries.runs import RunKey

GROUPS = ("All", "Old", "New")
NEAR = 8  # neighbours of a sample that are counted

SORTS = {  # name on the page → (column, whether the page starts with the largest)
    "Errors": ("errors", True),
    "Recall": ("recall", False),
    "Shrunk recall": ("recall_shrunk", False),
    "Precision": ("precision", False),
    "Support": ("support", True),
    "Predicted": ("predicted", True),
    "Mean loss": ("mean_loss", True),
    "Head norm": ("head_norm", True),
    "Index": ("class_index", False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which classes the table shows; an empty field filters nothing."""

    text: str = ""
    group: str = "All"
    """All | Old | New"""
    with_samples: bool = True
    sort: str = "Errors"
    reverse: bool = False
    where: Filter = EVERY


@st.cache_resource(max_entries=8, show_spinner=False)
def table(key: RunKey, where: Filter = EVERY) -> pd.DataFrame:
    """``classes.parquet`` of the samples that pass a filter; row number = class_index.

    Besides: `errors` (samples of the class that are wrong); `recall_shrunk`, `shrunk_low`, `shrunk_high` and `is_low`,
    the recall given what classes of the same group usually have (see `analysis.reports.shrunk_recall`).
    """
    frame = passing.classes(key, where)
    if frame.empty:
        return frame
    shrunk = shrunk_recall(frame["correct"].to_numpy(), frame["support"].to_numpy(), _group(key, len(frame)))
    return frame.assign(
        errors=frame["support"] - frame["correct"],
        recall_shrunk=shrunk.value, shrunk_low=shrunk.low, shrunk_high=shrunk.high, is_low=shrunk.is_low,
    )  # fmt: skip


def _group(key: RunKey, classes: int) -> IntArray:
    """(C,) 0 = old, 1 = new; all 0 without a split."""
    is_old = runs.is_old(key)
    group = np.zeros(classes, dtype=np.int64)
    if is_old is not None:
        group[: len(is_old)] = ~is_old[:classes]
    return group


def in_link(filters: Filters) -> dict[str, str]:
    """What an export's address says of the classes shown; `from_link` reads it."""
    said = {"sort": filters.sort, "search": filters.text, "where": filters.where.text}
    said["group"] = "" if filters.group == "All" else filters.group.lower()
    said |= {"reverse": "yes" if filters.reverse else "", "empty": "" if filters.with_samples else "yes"}
    return {name: value for name, value in said.items() if value}


def from_link(params: Mapping[str, str], where: Filter) -> Filters:
    """The filters that `in_link` wrote.

    Raises:
        RunError: If a group or an order is none of those the page has.
    """
    group, sort = params.get("group", "all").capitalize(), params.get("sort", "Errors")
    if group not in GROUPS:
        raise RunError(f"There is no group {group[:40]!r} of classes; there are {', '.join(GROUPS)}.")
    if sort not in SORTS:
        raise RunError(f"Classes cannot be sorted by {sort[:40]!r}, only by {', '.join(SORTS)}.")
    return Filters(
        text=params.get("search", "").strip(), group=group, with_samples=params.get("empty") != "yes", sort=sort,
        reverse=params.get("reverse") == "yes", where=where,
    )  # fmt: skip


@st.cache_resource(max_entries=64, show_spinner=False)
def ordered(key: RunKey, filters: Filters) -> IntArray:
    """Row numbers of the classes that pass, in order; classes without the value come last."""
    frame = table(key, filters.where)
    mask = np.ones(len(frame), dtype=np.bool_)
    if filters.text:
        mask &= np.isin(frame["class_index"], classes_like(key, filters.text))
    if filters.group != "All":
        mask &= frame["group"].to_numpy() == filters.group.lower()
    if filters.with_samples:
        mask &= frame["support"].to_numpy() > 0
    chosen = np.flatnonzero(mask)
    column, largest_first = SORTS.get(filters.sort, SORTS["Errors"])
    values = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)[chosen]
    signed = -values if largest_first != filters.reverse else values
    return chosen[np.argsort(np.where(np.isfinite(signed), signed, np.inf), kind="stable")]


@st.cache_resource(max_entries=8, show_spinner=False)
def recalls(key: RunKey, where: Filter = EVERY) -> pd.DataFrame | None:
    """Histogram (see `histogram_table`) of the recall in % by group; None where no class has samples."""
    frame = table(key, where)
    known = frame[frame["support"] > 0]
    if known.empty:
        return None
    group = known["group"].fillna("all").astype(str)
    series = {
        f"{name} classes": 100 * known["recall"].to_numpy(dtype=float)[group == name] for name in ("old", "new", "all")
    }
    return histogram_table({name: values for name, values in series.items() if len(values)}, bins=25, limits=(0, 100))


def row(key: RunKey, index: int, where: Filter = EVERY) -> pd.Series | None:
    """One class; None where the run has no such index."""
    frame = table(key, where)
    return frame.iloc[index] if 0 <= index < len(frame) else None


def stolen_by(key: RunKey, index: int, limit: int = 10, where: Filter = EVERY) -> pd.DataFrame:
    """Classes that took this class's samples: `class_index`, `name`, `group`, `count`, `share` of its samples."""
    return _thieves(key, index, limit, where, mine="label_index", other="prediction_index", total="support")


def stolen_from(key: RunKey, index: int, limit: int = 10, where: Filter = EVERY) -> pd.DataFrame:
    """Classes whose samples this class took: `class_index`, `name`, `group`, `count`, `share` of its predictions."""
    return _thieves(key, index, limit, where, mine="prediction_index", other="label_index", total="predicted")


def _thieves(key: RunKey, index: int, limit: int, where: Filter, *, mine: str, other: str, total: str) -> pd.DataFrame:
    frame = passing.confusions(key, where)
    found = frame[(frame[mine] == index) & (frame[other] != index)].nlargest(limit, "count")
    about = row(key, index, where)
    whole = 0 if about is None else int(about[total])
    return pd.DataFrame(
        {
            "class_index": found[other].to_numpy(),
            "name": [class_name(key, int(i)) for i in found[other]],
            "group": [group_of(key, int(i)) for i in found[other]],
            "count": found["count"].to_numpy(),
            "share": found["count"].to_numpy() / max(1, whole),
        }
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def alike_in_head(key: RunKey, index: int, limit: int = 12, where: Filter = EVERY) -> pd.DataFrame | None:
    """Classes whose head rows point the same way: `class_index`, `name`, `group`, `cosine`, `taken`, `given`.

    `taken` samples of this class were predicted as the other one, `given` the other way round. None without a head, or
    where the class has no row in it.
    """
    head = runs.head(key)
    if head is None or index >= len(head[0]):
        return None
    others, cosine = nearest_rows(head[0], index, limit, lengths=_row_lengths(key))
    frame = passing.confusions(key, where)
    lost = frame[frame["label_index"] == index].set_index("prediction_index")["count"]
    won = frame[frame["prediction_index"] == index].set_index("label_index")["count"]
    return pd.DataFrame(
        {
            "class_index": others,
            "name": [class_name(key, int(i)) for i in others],
            "group": [group_of(key, int(i)) for i in others],
            "cosine": cosine,
            "taken": [int(lost.get(int(i), 0)) for i in others],
            "given": [int(won.get(int(i), 0)) for i in others],
        }
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _row_lengths(key: RunKey) -> FloatArray | None:
    head = runs.head(key)
    return None if head is None else row_lengths(head[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A number of a class's head row against the other classes of its group.

    `share` (0..1) of them have a smaller one, NaN where there are none; `others` is how many there are.
    """

    value: float
    share: float
    others: int


def standing(key: RunKey, index: int, column: str) -> Standing:
    """Where a class stands in its group: `column` is head_norm or head_bias."""
    values = table(key)[column].to_numpy(dtype=np.float64, na_value=np.nan)
    share, others = place_in_group(values, _group(key, len(values)), index)
    return Standing(value=float(values[index]), share=share, others=others)


def of_group(key: RunKey, index: int, column: str) -> FloatArray:
    """The same number of every class of the class's group."""
    values = table(key)[column].to_numpy(dtype=np.float64, na_value=np.nan)
    group = _group(key, len(values))
    return values[group == group[index]]


@st.cache_resource(max_entries=64, show_spinner=False)
def near_labels(key: RunKey, index: int, limit: int = 8, where: Filter = EVERY) -> pd.DataFrame | None:
    """Labels of the nearest neighbours of the class's samples: `class_index`, `name`, `group`, `count`, `share`.

    `share` (0..1) is of all these neighbours, the class's own label included. None without a neighbour graph.
    """
    graph = runs.neighbours(key)
    if graph is None:
        return None
    label = runs.column(key, "label_index")
    near = graph[0][passing.of_class(key, index, where), :NEAR]
    carried, counts = np.unique(label[near[near >= 0]], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:limit]
    shown = carried[order]
    return pd.DataFrame(
        {
            "class_index": shown,
            "name": [class_name(key, int(i)) for i in shown],
            "group": [group_of(key, int(i)) for i in shown],
            "count": counts[order],
            "share": counts[order] / max(1, int(counts.sum())),
        }
    )


def worst_samples(key: RunKey, index: int, where: Filter = EVERY) -> IntArray:
    """Ids of the class's samples that pass, largest loss first."""
    ids = passing.of_class(key, index, where)
    loss = np.nan_to_num(runs.column(key, "loss")[ids], nan=-np.inf)
    return ids[np.argsort(-loss, kind="stable")]


def rivals(key: RunKey, index: int, where: Filter = EVERY) -> dict[str, FloatArray]:
    """Logits over the class's samples: its own, and the strongest other class's (own − margin)."""
    ids = passing.of_class(key, index, where)
    own = runs.column(key, "label_logit")[ids]
    return {"this class": own, "strongest other class": own - runs.column(key, "margin")[ids]}
