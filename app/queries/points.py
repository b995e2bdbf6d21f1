"""The embedding map's points: where they are, what stands beside them, and how far the map can be believed."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from analysis.arrays import BoolArray, FloatArray, IntArray
from app.queries import runs
from app.queries.clusterings import Shown
from app.queries.runs import RunKey

TORN = 0.75  # trustworthiness below which a sample stands among strangers: half way to what chance gives

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in data coordinates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words on the map, at data coordinates."""

    x: float
    y: float
    name: str


@st.cache_resource(max_entries=8, show_spinner=False)
def places(key: RunKey) -> FloatArray | None:
    """(N, 2) float32 projection of the embeddings; None where the run has none."""
    if not {"projection_x", "projection_y"} <= set(runs.columns(key)):
        return None
    xy = np.stack([runs.column(key, "projection_x"), runs.column(key, "projection_y")], axis=1).astype("<f4")
    return xy if np.isfinite(xy).any() else None


@st.cache_resource(max_entries=8, show_spinner=False)
def bounds(key: RunKey) -> Box:
    """The smallest box around all points."""
    xy = places(key)
    if xy is None:
        return (0.0, 0.0, 1.0, 1.0)
    placed = xy[np.isfinite(xy).all(axis=1)]
    low, high = placed.min(axis=0), placed.max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def unplaced(key: RunKey) -> int:
    """How many samples have no place, because their embedding is zero or not finite."""
    xy = places(key)
    return runs.size(key) if xy is None else int((~np.isfinite(xy).all(axis=1)).sum())


@st.cache_resource(max_entries=8, show_spinner=False)
def trustworthiness(key: RunKey) -> tuple[float, FloatArray, int] | None:
    """Of the map: overall, of each sample (N,), measured among how many; None in runs that did not measure it."""
    run, lock = runs.open_run(key)
    with lock:
        found = run.trustworthiness
    return found if found is not None and len(found[1]) == runs.size(key) else None


def torn(key: RunKey) -> BoolArray:
    """(N,) True for samples whose neighbours on the map are not their neighbours in embedding space."""
    found = trustworthiness(key)
    return np.zeros(runs.size(key), dtype=np.bool_) if found is None else np.asarray(found[1] < TORN)


def neighbours(key: RunKey, sample_id: int) -> IntArray:
    """Ids of a sample's nearest in embedding space, nearest first; empty without a neighbour graph."""
    graph = runs.neighbours(key)
    if graph is None or not 0 <= sample_id < len(graph[0]):
        return np.zeros(0, dtype=np.int32)
    near = graph[0][sample_id]
    return np.asarray(near[near >= 0])


def cluster_labels(key: RunKey, shown: Shown, chosen: int | None, limit: int = 8) -> tuple[Label, ...]:
    """Numbers of the first clusters with too many errors, and of a chosen one, at the median of their members."""
    return _labels(key, f"{shown.name}:{shown.mark}", chosen, limit, _shown=shown)


@st.cache_resource(max_entries=32, show_spinner=False)
def _labels(key: RunKey, clustering: str, chosen: int | None, limit: int, *, _shown: Shown) -> tuple[Label, ...]:
    """The same, kept by the name and the state of the clustering: every lasso asks for them again."""
    shown = _shown
    xy, ranked = places(key), shown.ranked
    if xy is None or ranked.empty:
        return ()
    labels = []
    numbers = ranked.loc[ranked["excess_low"] > 0, "cluster"].head(limit).tolist()
    for number in numbers if chosen is None or chosen in numbers else [*numbers, chosen]:
        members = xy[shown.assigned == number]
        members = members[np.isfinite(members).all(axis=1)]
        if len(members):
            x, y = np.median(members, axis=0)
            labels.append(Label(x=float(x), y=float(y), name=str(int(number))))
    return tuple(labels)
