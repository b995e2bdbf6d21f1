"""Which samples, in which order: the questions of the Examples page."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from analysis.arrays import AnyArray, BoolArray, IntArray
from analysis.expressions.columns import Texts
from analysis.expressions.comparison import find_word
from app.queries import filters as expressions
from app.queries import runs
from app.queries.class_search import classes_like
from app.queries.flags import flags
from app.queries.runs import RunKey

SORTS = {  # name on the page → (column, whether a larger value is worse)
    "Loss": ("loss", True),
    "Label quality": ("label_quality", False),
    "Entropy": ("entropy", True),
    "Margin": ("margin", False),
    "Confidence": ("confidence", True),
}
MANY_VALUES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the gallery shows; an empty field filters nothing."""

    label: str = ""
    prediction: str = ""
    outcome: str = "All"
    """All | Wrong | Correct"""
    group: str = "All"
    """All | Old | New, of the label"""
    cluster: int | None = None
    finding: str = ""
    column: str = ""
    value: str = ""
    repaired: bool = False
    """Judge the predictions after the supported fixes."""
    sort: str = "Loss"
    reverse: bool = False
    where: str = ""
    """A filter expression; a wrong one filters nothing."""


def ordered(key: RunKey, filters: Filters) -> IntArray:
    """Ids of the samples that pass, worst first (best first where `reverse`); samples without the value come last."""
    return _ordered(key, filters, expressions.depends_on(key, filters.where))


@st.cache_resource(max_entries=24, show_spinner=False)
def _ordered(key: RunKey, filters: Filters, people: int) -> IntArray:  # `people` only keys the cache
    order = _order(key, filters.sort, filters.reverse)
    return order[_passing(key, filters)[order]]


@st.cache_resource(max_entries=10, show_spinner=False)
def _order(key: RunKey, sort: str, reverse: bool) -> IntArray:
    """Ids of all samples in order: sorted once, so that a filter only has to pick."""
    column, larger_is_worse = SORTS.get(sort, SORTS["Loss"])
    values = runs.column(key, column)
    signed = -values if larger_is_worse != reverse else values
    return np.argsort(np.where(np.isfinite(signed), signed, np.inf), kind="stable").astype(np.int32)


def _passing(key: RunKey, filters: Filters) -> BoolArray:
    mask = np.ones(runs.size(key), dtype=np.bool_)
    if filters.label:
        mask &= np.isin(runs.column(key, "label_index"), classes_like(key, filters.label))
    if filters.prediction:
        mask &= np.isin(predictions(key, repaired=filters.repaired), classes_like(key, filters.prediction))
    if filters.outcome != "All":
        mask &= correct(key, repaired=filters.repaired) == (filters.outcome == "Correct")
    if filters.group != "All":
        mask &= in_group(key, filters.group.lower())
    if filters.cluster is not None:
        mask &= runs.column(key, "cluster") == filters.cluster
    if filters.finding:
        mask &= _flagged(key, filters.finding)
    if filters.column in runs.metadata_columns(key) and filters.value:
        mask &= _has_value(key, filters.column, filters.value)
    if (chosen := expressions.answer(key, filters.where).mask) is not None:
        mask &= chosen
    return mask


def _has_value(key: RunKey, column: str, value: str) -> BoolArray:
    values = expressions.column(key, column)
    if isinstance(values, Texts):
        return np.asarray(values.code == find_word(values, value))
    return np.asarray(_as_text(key, column) == value)


def predictions(key: RunKey, *, repaired: bool) -> IntArray:
    """Predicted class of each sample (N,), as it is or after the supported fixes."""
    return runs.column(key, "prediction_repaired_index" if repaired else "prediction_index")


def correct(key: RunKey, *, repaired: bool) -> BoolArray:
    """Whether each prediction (N,) is right, as it is or after the supported fixes."""
    return runs.column(key, "correct_repaired" if repaired else "correct")


@st.cache_resource(max_entries=8, show_spinner=False)
def has_repaired(key: RunKey) -> bool:
    """Whether the diagnosis has written predictions after the supported fixes."""
    column = "prediction_repaired_index"
    return column in runs.columns(key) and bool((runs.column(key, column) >= 0).any())


@st.cache_resource(max_entries=16, show_spinner=False)
def in_group(key: RunKey, group: str) -> BoolArray:
    """Whether the label of each sample (N,) is `old` or `new`; all True for any other word or without a split."""
    is_old, label = runs.is_old(key), runs.column(key, "label_index")
    if is_old is None or group not in ("old", "new"):
        return np.ones(len(label), dtype=np.bool_)
    known = (label >= 0) & (label < len(is_old))
    return np.asarray(known & (is_old[np.clip(label, 0, len(is_old) - 1)] == (group == "old")))


def _flagged(key: RunKey, finding: str) -> BoolArray:
    mask = np.zeros(runs.size(key), dtype=np.bool_)
    mask[flags(key).get(finding, (np.zeros(0, dtype=np.int64), None))[0]] = True
    return mask


@st.cache_resource(max_entries=8, show_spinner=False)
def _as_text(key: RunKey, column: str) -> AnyArray:
    return np.array(["" if value is None else str(value) for value in runs.column(key, column)], dtype=object)


@st.cache_resource(max_entries=32, show_spinner=False)
def metadata_values(key: RunKey, column: str) -> tuple[str, ...] | None:
    """Different values of a metadata column, most frequent first; None when they are more than `MANY_VALUES`."""
    stored = expressions.column(key, column)
    if isinstance(stored, Texts):
        counts = np.bincount(stored.code[stored.code >= 0], minlength=len(stored.words))
        values = np.asarray(stored.words.to_pylist() if len(stored.words) <= MANY_VALUES else [], dtype=object)
        many = len(stored.words) > MANY_VALUES
    else:
        values, counts = np.unique(_as_text(key, column).astype(str), return_counts=True)
        many = len(values) > MANY_VALUES
    if many:
        return None
    return tuple(str(value) for value in values[np.argsort(-counts, kind="stable")] if value)
