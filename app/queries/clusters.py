"""The questions of the Clusters page; `shown` is the clustering that the page shows."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import BoolArray, IntArray
from analysis.reports.cluster_edits import Hide, Merge, Rename, split_off
from analysis.reports.two_groups import two_groups
from app.queries import cluster_edits, examples, filters, runs
from app.queries.class_search import class_name
from app.queries.clusterings import Shown
from app.queries.runs import RunKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Samples in no cluster: how many, how many of them are wrong, and the share of wrong ones among the others."""

    size: int
    errors: int
    rate_elsewhere: float


def excessive(shown: Shown) -> pd.DataFrame:
    """Clusters with clearly more errors than expected (lower 95 % bound of the excess above 0), best-ranked first."""
    ranked = shown.ranked
    return ranked[ranked["excess_low"] > 0]


def passing_sizes(key: RunKey, shown: Shown) -> dict[int, int] | None:
    """How many samples of each cluster pass the filter of the page; None where there is none."""
    mask = filters.passing_mask(key)
    if mask is None:
        return None
    inside = shown.assigned[mask & (shown.assigned >= 0)]
    counts = np.bincount(inside, minlength=int(shown.assigned.max(initial=-1)) + 1)
    return dict(enumerate(counts.tolist()))


def noise(key: RunKey, shown: Shown, *, repaired: bool) -> Noise:
    """What is in no cluster."""
    outside, wrong = shown.assigned < 0, ~examples.correct(key, repaired=repaired)
    rest = int((~outside).sum())
    return Noise(
        size=int(outside.sum()),
        errors=int((outside & wrong).sum()),
        rate_elsewhere=float(wrong[~outside].mean()) if rest else float("nan"),
    )


def members(key: RunKey, shown: Shown, number: int, *, repaired: bool) -> IntArray:
    """Ids of a cluster's samples: wrong ones first, then by loss, largest first."""
    return _members(key, shown.name, shown.mark, number, repaired, _shown=shown)


@st.cache_resource(max_entries=32, show_spinner=False)
def _members(key: RunKey, name: str, mark: str, number: int, repaired: bool, *, _shown: Shown) -> IntArray:
    ids = np.flatnonzero(_shown.assigned == number)
    loss = np.nan_to_num(runs.column(key, "loss")[ids], nan=-np.inf)
    return ids[np.lexsort((-loss, examples.correct(key, repaired=repaired)[ids]))]


def counter_examples(
    key: RunKey, shown: Shown, number: int, *, repaired: bool, limit: int = 24
) -> tuple[IntArray, tuple[float, ...]]:
    """Correct samples near a cluster's errors: ids, nearest first, and their cosine similarity.

    Neighbours of the wrong members; empty without a neighbour graph.
    """
    return _counter_examples(key, shown.name, shown.mark, number, (repaired, limit), _shown=shown)


@st.cache_resource(max_entries=32, show_spinner=False)
def _counter_examples(
    key: RunKey, name: str, mark: str, number: int, asked: tuple[bool, int], *, _shown: Shown
) -> tuple[IntArray, tuple[float, ...]]:
    (repaired, limit), graph = asked, runs.neighbours(key)
    none = (np.zeros(0, dtype=np.int64), ())
    if graph is None:
        return none
    correct: BoolArray = examples.correct(key, repaired=repaired)
    inside = np.flatnonzero(_shown.assigned == number)
    wrong = inside[~correct[inside]]
    index, similarity = graph[0][wrong].ravel(), graph[1][wrong].ravel()
    usable = (index >= 0) & correct[np.maximum(index, 0)]
    if not usable.any():
        return none
    best = pd.Series(similarity[usable]).groupby(index[usable]).max().nlargest(limit)
    return best.index.to_numpy(dtype=np.int64), tuple(float(value) for value in best)


def nearest_first(key: RunKey, shown: Shown, number: int) -> list[int]:
    """The other clusters, those first that hold the most of this one's nearest neighbours, then by rank."""
    others = [int(one) for one in shown.table["cluster"] if int(one) != number]
    graph = runs.neighbours(key)
    if graph is None:
        return others
    near = graph[0][shown.assigned == number]
    group = shown.assigned[near[near >= 0]]
    count = np.bincount(group[group >= 0], minlength=max([number, *others]) + 1)
    return sorted(others, key=lambda one: -count[one])


def confused_as(key: RunKey, ids: IntArray, *, repaired: bool, limit: int = 5) -> pd.DataFrame:
    """The most frequent label → prediction among the wrong ones of some samples: `label`, `prediction`, `count`."""
    wrong = ids[~examples.correct(key, repaired=repaired)[ids]]
    pairs = pd.DataFrame(
        {
            "label": runs.column(key, "label_index")[wrong],
            "prediction": examples.predictions(key, repaired=repaired)[wrong],
        }
    )
    found = pairs.value_counts().head(limit).reset_index()
    return found.assign(**{name: [class_name(key, int(i)) for i in found[name]] for name in ("label", "prediction")})


def merge(key: RunKey, shown: Shown, into: int, others: tuple[int, ...]) -> None:
    """Let clusters become part of one; these questions raise `StoreError` where it cannot be saved."""
    cluster_edits.add(key, shown.name, Merge(into=into, clusters=others))


def rename(key: RunKey, shown: Shown, number: int, name: str) -> None:
    """Give a cluster a name; an empty one gives the automatic name back."""
    cluster_edits.add(key, shown.name, Rename(cluster=number, name=name))


def hide(key: RunKey, shown: Shown, number: int, *, hidden: bool) -> None:
    """Leave a cluster out of the ranking, or show it again."""
    cluster_edits.add(key, shown.name, Hide(cluster=number, hidden=hidden))


def split(key: RunKey, shown: Shown, number: int) -> int | None:
    """Split a cluster in two by its members' embeddings.

    Returns:
        The number of the new cluster, which holds the smaller part; None where there are no two parts.
    """
    embeddings = runs.open_run(key).run.embeddings
    ids = np.flatnonzero(shown.assigned == number)
    leaving = None if embeddings is None else two_groups(embeddings, ids)
    if leaving is None:
        return None
    used = {int(one) for one in shown.table["cluster"]} | set(shown.edited.went_to)
    edit = split_off(number, ids[leaving], used)
    cluster_edits.add(key, shown.name, edit)
    return edit.into
