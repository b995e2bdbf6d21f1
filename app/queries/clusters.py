"""The questions of the Clusters page."""

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import IntArray
from app.queries import examples, runs
from app.queries.class_search import class_name
from app.queries.runs import RunKey


def cluster(key: RunKey, number: int) -> pd.Series | None:
    """One cluster's row; None where the run has none of that number."""
    frame = runs.clusters(key)
    if frame.empty:
        return None
    found = frame[frame["cluster"] == number]
    return None if found.empty else found.iloc[0]


def excessive(key: RunKey) -> pd.DataFrame:
    """Clusters with clearly more errors than expected (lower 95 % bound of the excess above 0), best-ranked first."""
    frame = runs.clusters(key)
    return frame if frame.empty else frame[frame["excess_low"] > 0]


@st.cache_resource(max_entries=32, show_spinner=False)
def members(key: RunKey, number: int, *, repaired: bool) -> IntArray:
    """Ids of a cluster's samples: wrong ones first, then by loss, largest first."""
    ids = np.flatnonzero(runs.column(key, "cluster") == number)
    loss = np.nan_to_num(runs.column(key, "loss")[ids], nan=-np.inf)
    return ids[np.lexsort((-loss, examples.correct(key, repaired=repaired)[ids]))]


@st.cache_resource(max_entries=32, show_spinner=False)
def counter_examples(
    key: RunKey, number: int, *, repaired: bool, limit: int = 24
) -> tuple[IntArray, tuple[float, ...]]:
    """Samples near the cluster's errors that are correct: ids, nearest first, and their cosine similarity.

    Neighbours of wrong members; empty without a neighbour graph.
    """
    graph = runs.neighbours(key)
    none = (np.zeros(0, dtype=np.int64), ())
    if graph is None:
        return none
    correct = examples.correct(key, repaired=repaired)
    inside = members(key, number, repaired=repaired)
    wrong = inside[~correct[inside]]
    index, similarity = graph[0][wrong].ravel(), graph[1][wrong].ravel()
    usable = (index >= 0) & correct[np.maximum(index, 0)]
    if not usable.any():
        return none
    best = pd.Series(similarity[usable]).groupby(index[usable]).max().nlargest(limit)
    return best.index.to_numpy(dtype=np.int64), tuple(float(value) for value in best)


def confused_as(key: RunKey, ids: IntArray, *, repaired: bool, limit: int = 5) -> pd.DataFrame:
    """The most frequent label → prediction among the wrong ones of some samples: `label`, `prediction`, `count`."""
    wrong = ids[~examples.correct(key, repaired=repaired)[ids]]
    prediction = [class_name(key, int(i)) for i in examples.predictions(key, repaired=repaired)[wrong]]
    frame = pd.DataFrame({"label": runs.column(key, "label")[wrong], "prediction": prediction})
    return frame.value_counts().head(limit).reset_index()
