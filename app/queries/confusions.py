"""Sparse confusions: pairs, blocks of groups, and a matrix of a few classes with everything else as “other”.

Never more than (top + 1)² cells: with thousands of classes the full matrix would be neither readable nor affordable.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import IntArray
from analysis.reports import confusions as report
from app.queries import passing, runs
from app.queries.class_search import class_name, group_of
from app.queries.passing import EVERY, Filter
from app.queries.runs import RunKey

NO_GROUP = "(no group)"
BLOCKS = ("All", "Old → old", "Old → new", "New → old", "New → new")


@st.cache_resource(max_entries=8, show_spinner=False)
def _errors(key: RunKey, where: Filter) -> pd.DataFrame:
    frame = passing.confusions(key, where)
    return frame if frame.empty else report.confused_pairs(frame)


def _side(key: RunKey, index: pd.Series) -> IntArray:
    """0 for old, 1 for new, −1 for a class without a group."""
    is_old = runs.is_old(key)
    values = index.to_numpy()
    if is_old is None:
        return np.full(len(values), -1)
    known = (values >= 0) & (values < len(is_old))
    return np.where(known, np.where(is_old[np.clip(values, 0, len(is_old) - 1)], 0, 1), -1)


@st.cache_resource(max_entries=32, show_spinner=False)
def pairs(key: RunKey, block: str, where: Filter = EVERY) -> pd.DataFrame:
    """Confused pairs, most frequent first: `label_index`, `prediction_index`, `count`; `block` is one of `BLOCKS`."""
    frame = _errors(key, where)
    if frame.empty or block == "All":
        return frame
    label, prediction = (0 if word == "old" else 1 for word in block.lower().split(" → "))
    mask = (_side(key, frame["label_index"]) == label) & (_side(key, frame["prediction_index"]) == prediction)
    return frame[mask].reset_index(drop=True)


def named_pairs(key: RunKey, frame: pd.DataFrame) -> pd.DataFrame:
    """Pairs with the names of both classes: `label`, `prediction`, `count`, `share` of the label's samples (0..1)."""
    return pd.DataFrame(
        {
            "label": [class_name(key, int(i)) for i in frame["label_index"]],
            "prediction": [class_name(key, int(i)) for i in frame["prediction_index"]],
            "count": frame["count"].to_numpy(),
            "share": frame["share"].to_numpy(),
        }
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def thieves(key: RunKey, limit: int = 15, where: Filter = EVERY) -> pd.DataFrame:
    """Classes that take the most samples of others: `class_index`, `name`, `group`, `count`, `share` of all errors."""
    frame = passing.confusions(key, where)
    if frame.empty:
        return pd.DataFrame()
    found = report.thieves(frame, _errors(key, where))
    shown = found.head(limit)
    index = [int(i) for i in shown["prediction_index"]]
    return pd.DataFrame(
        {
            "class_index": index,
            "name": [class_name(key, i) for i in index],
            "group": [group_of(key, i) for i in index],
            "count": shown["taken"].to_numpy(),
            "share": shown["taken"].to_numpy() / max(1, int(found["taken"].sum())),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Counts of label × prediction over some classes; the last row and column are all others where `has_other`."""

    names: tuple[str, ...]
    counts: IntArray
    has_other: bool


@st.cache_resource(max_entries=16, show_spinner=False)
def matrix(key: RunKey, top: int, where: Filter = EVERY) -> Matrix | None:
    """The `top` classes of the most frequent confusions, and all else as “other”; None without any."""
    if _errors(key, where).empty:
        return None
    chosen, counts = report.top_matrix(passing.confusions(key, where), top, _errors(key, where))
    names = tuple(class_name(key, int(i)) for i in chosen)
    if not counts[-1].any() and not counts[:, -1].any():
        return Matrix(names=names, counts=counts[:-1, :-1], has_other=False)
    return Matrix(names=(*names, "other"), counts=counts, has_other=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of the classes' hierarchy.

    Attributes:
        group: (C,) number of the group of each class.
        names: Of the groups; the last one is `NO_GROUP` where classes have none.
        stays: Share (0..1) of all errors that stay within a group, NaN without errors.
    """

    group: IntArray
    names: tuple[str, ...]
    stays: float


@st.cache_resource(max_entries=8, show_spinner=False)
def levels(key: RunKey, where: Filter = EVERY) -> tuple[Level, ...]:
    """The levels of the hierarchy that the run was given, nearest to the classes first; empty without one."""
    frame = runs.hierarchy(key)
    if frame is None or _errors(key, where).empty:
        return ()
    found = []
    for column in [name for name in frame.columns if name.startswith("level_")]:
        of_class = pd.Series(NO_GROUP, index=range(len(runs.class_names(key))), dtype=object)
        of_class.loc[frame["class_index"]] = frame[column].fillna(NO_GROUP).to_numpy(dtype=object)
        group, names = pd.factorize(of_class, sort=False)
        wrong = _errors(key, where)
        same = group[wrong["label_index"]] == group[wrong["prediction_index"]]
        known = names[group[wrong["label_index"]]] != NO_GROUP
        stays = float(wrong["count"][same & known].sum() / wrong["count"].sum())
        found.append(Level(group=group.astype(np.int64), names=tuple(str(name) for name in names), stays=stays))
    return tuple(found)


@st.cache_resource(max_entries=32, show_spinner=False)
def level_matrix(key: RunKey, number: int, top: int, where: Filter = EVERY) -> Matrix | None:
    """The `top` groups that are confused most, at a level from 1 on; what stays within a group stands on the diagonal.

    None where no sample is taken for a class of another group.
    """
    level = levels(key, where)[number - 1]
    counts = report.grouped(passing.confusions(key, where), level.group)
    if report.confused_pairs(counts).empty:
        return None
    chosen, matrix = report.top_matrix(counts, top)
    names = tuple(level.names[int(i)] for i in chosen)
    if not matrix[-1].any() and not matrix[:, -1].any():
        return Matrix(names=names, counts=matrix[:-1, :-1], has_other=False)
    return Matrix(names=(*names, "other"), counts=matrix, has_other=True)


@st.cache_resource(max_entries=8, show_spinner=False)
def blocks(key: RunKey, where: Filter = EVERY) -> pd.DataFrame | None:
    """Where samples of each group go: `label`, `outcome`, `count`, `share` of the group; None without a split."""
    frame = passing.confusions(key, where)
    if runs.is_old(key) is None or frame.empty:
        return None
    label, prediction = _side(key, frame["label_index"]), _side(key, frame["prediction_index"])
    same = frame["label_index"].to_numpy() == frame["prediction_index"].to_numpy()
    count = frame["count"].to_numpy()
    rows = []
    for side, group in enumerate(("old", "new")):
        mine = label == side
        whole = max(1, int(count[mine].sum()))
        for outcome, mask in (
            ("correct", same),
            ("a wrong old class", ~same & (prediction == 0)),
            ("a wrong new class", ~same & (prediction == 1)),
        ):
            number = int(count[mine & mask].sum())
            rows.append({"label": group, "outcome": outcome, "count": number, "share": number / whole})
    return pd.DataFrame(rows)
