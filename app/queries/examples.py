"""Which samples, in which order: the questions of the Examples page."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from analysis.arrays import AnyArray, BoolArray, IntArray
from app.queries import runs
from app.queries.class_search import classes_like
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


@st.cache_resource(max_entries=64, show_spinner=False)
def ordered(key: RunKey, filters: Filters) -> IntArray:
    """Ids of the samples that pass, worst first (best first where `reverse`); samples without the value come last."""
    chosen = np.flatnonzero(_passing(key, filters))
    column, larger_is_worse = SORTS.get(filters.sort, SORTS["Loss"])
    values = runs.column(key, column)[chosen].astype(np.float64)
    signed = -values if larger_is_worse != filters.reverse else values
    return chosen[np.argsort(np.where(np.isfinite(signed), signed, np.inf), kind="stable")]


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
        mask &= _as_text(key, filters.column) == filters.value
    return mask


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
def flags(key: RunKey) -> dict[str, tuple[IntArray, AnyArray | None]]:
    """Per finding that points at samples: their ids, ascending, and its scores where it gives any."""
    found = {}
    for finding in (runs.findings(key) or {}).get("findings", []):
        evidence = runs.evidence(key, str(finding.get("id", "")))
        if evidence is not None and "sample_id" in evidence and len(evidence):
            kept = evidence[evidence["sample_id"].between(0, runs.size(key) - 1)].sort_values("sample_id")
            score = kept["score"].to_numpy() if "score" in kept else None
            found[str(finding["id"])] = (kept["sample_id"].to_numpy(dtype=np.int64), score)
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def _as_text(key: RunKey, column: str) -> AnyArray:
    return np.array(["" if value is None else str(value) for value in runs.column(key, column)], dtype=object)


@st.cache_resource(max_entries=32, show_spinner=False)
def metadata_values(key: RunKey, column: str) -> tuple[str, ...] | None:
    """Different values of a metadata column, most frequent first; None when they are more than `MANY_VALUES`."""
    values, counts = np.unique(_as_text(key, column).astype(str), return_counts=True)
    if len(values) > MANY_VALUES:
        return None
    return tuple(str(value) for value in values[np.argsort(-counts, kind="stable")] if value)
