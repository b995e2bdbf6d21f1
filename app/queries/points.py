"""The embedding map's points: places, colours, and which samples lie inside a drawn outline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from app.charts import palette
from app.queries import examples, runs
from app.queries.runs import RunKey

Polygon = tuple[tuple[float, float], ...]
"""Corners of an outline in data coordinates."""

COLOURINGS = ("Correctness", "Repaired", "Group", "Cluster")  # Repaired: correctness after the supported fixes
MOST_CORNERS = 200
_OWN_COLOUR = 60  # clusters with a code of their own; codes are 0..63
_IN_LEGEND = 10
_CLUSTER_COLOURS = (  # Okabe and Ito, then Tol's bright set: colour-blind people tell them apart
    "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#aa3377", "#228833", "#b8a000", "#4477aa",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Points of one colour; later codes are drawn over earlier ones."""

    code: int
    """0..63, as in the colour bytes."""
    name: str
    colour: str
    """#rrggbb"""
    count: int
    alpha: float = 0.75
    legend: bool = True


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Colouring:
    """One colour code a sample (N,) uint8, and what the codes mean."""

    codes: IntArray
    categories: tuple[Category, ...]


@st.cache_resource(max_entries=16, show_spinner=False)
def colouring(key: RunKey, by: str) -> Colouring:
    """Colours of the points; `by` is one of `COLOURINGS`."""
    if by == "Cluster":
        return _by_cluster(key)
    if by == "Group" and runs.is_old(key) is not None:
        new = examples.in_group(key, "new").astype(np.uint8)
        return _two(new, ("old label", palette.OLD), ("new label", palette.NEW), alphas=(0.7, 0.7))
    wrong = (~examples.correct(key, repaired=by == "Repaired")).astype(np.uint8)
    return _two(wrong, ("correct", palette.CORRECT), ("wrong", palette.ERROR), alphas=(0.45, 0.85))


def _two(codes: IntArray, first: tuple[str, str], second: tuple[str, str], *, alphas: tuple[float, float]) -> Colouring:
    counts = np.bincount(codes, minlength=2)
    categories = tuple(
        Category(code=code, name=name, colour=colour, count=int(counts[code]), alpha=alphas[code])
        for code, (name, colour) in enumerate((first, second))
    )
    return Colouring(codes=codes, categories=categories)


def cluster_words(number: int, name: str) -> str:
    """What a cluster is called in the legend."""
    return f"{number}: {name}"


def _by_cluster(key: RunKey) -> Colouring:
    cluster = runs.column(key, "cluster")
    ranked = runs.clusters(key)
    numbers = [] if ranked.empty else [int(number) for number in ranked["cluster"]][:_OWN_COLOUR]
    names = [] if ranked.empty else [str(name) for name in ranked["name"]][:_OWN_COLOUR]
    codes = np.where(cluster < 0, 0, _OWN_COLOUR + 1).astype(np.uint8)
    for rank, number in enumerate(numbers):
        codes[cluster == number] = rank + 1
    counts = np.bincount(codes, minlength=64)
    categories = [Category(code=0, name="in no cluster", colour=palette.NEUTRAL, count=int(counts[0]), alpha=0.25)]
    for rank, (number, name) in enumerate(zip(numbers, names, strict=True)):
        colour = _CLUSTER_COLOURS[rank % len(_CLUSTER_COLOURS)]
        words = cluster_words(number, name)
        categories.append(
            Category(
                code=rank + 1,
                name=words,
                colour=colour,
                count=int(counts[rank + 1]),
                alpha=0.85,
                legend=rank < _IN_LEGEND,
            )
        )
    rest = int(counts[_OWN_COLOUR + 1])
    if rest:
        categories.append(
            Category(code=_OWN_COLOUR + 1, name="in a cluster further down", colour="#6b7280", count=rest)
        )
    return Colouring(codes=codes, categories=tuple(categories))


def emphasised(categories: Sequence[Category], name: str) -> tuple[Category, ...]:
    """The same categories, all but the one called `name` faint; unchanged where none is called so."""
    if all(category.name != name for category in categories):
        return tuple(categories)
    return tuple(replace(category, alpha=1.0 if category.name == name else 0.1) for category in categories)


@st.cache_resource(max_entries=8, show_spinner=False)
def cluster_labels(key: RunKey, chosen: int | None, limit: int = 8) -> tuple[Label, ...]:
    """Numbers of the first clusters with too many errors, and of a chosen one, at the median of their members."""
    xy = places(key)
    ranked = runs.clusters(key)
    if xy is None or ranked.empty:
        return ()
    cluster = runs.column(key, "cluster")
    labels = []
    numbers = ranked.loc[ranked["excess_low"] > 0, "cluster"].head(limit).tolist()
    for number in numbers if chosen is None or chosen in numbers else [*numbers, chosen]:
        members = xy[cluster == number]
        members = members[np.isfinite(members).all(axis=1)]
        if len(members):
            x, y = np.median(members, axis=0)
            labels.append(Label(x=float(x), y=float(y), name=str(int(number))))
    return tuple(labels)


def area_text(polygon: Polygon) -> str:
    """An outline for a link: `x_y_x_y…` with four significant digits; no comma, which browsers write as `%2C`."""
    return "_".join(f"{value:.4g}" for corner in polygon for value in corner)


def area_of(text: str | None) -> Polygon | None:
    """The outline that `area_text` wrote; None for anything else."""
    try:
        values = [float(part) for part in (text or "").split("_")]
    except ValueError:
        return None
    corners = len(values) // 2
    if len(values) % 2 or not 3 <= corners <= MOST_CORNERS or not np.isfinite(values).all():
        return None
    return tuple(zip(values[::2], values[1::2], strict=True))


@st.cache_resource(max_entries=32, show_spinner=False)
def samples_inside(key: RunKey, area: str) -> IntArray:
    """Ids of the samples inside an outline in link form, largest loss first; none for an outline that is no outline."""
    xy, polygon = places(key), area_of(area)
    if xy is None or polygon is None:
        return np.zeros(0, dtype=np.int64)
    ids = np.flatnonzero(inside(xy, polygon))
    return ids[np.argsort(-np.nan_to_num(runs.column(key, "loss")[ids], nan=-np.inf), kind="stable")]


def inside(xy: FloatArray, polygon: Sequence[tuple[float, float]]) -> BoolArray:
    """Which points lie inside an outline, by the even-odd rule.

    Args:
        xy: (N, 2) points; a point that is not finite is outside.
        polygon: Corners in order; the last is joined to the first.

    Source:
        Shimrat 1962, Algorithm 112; Haines 1994, Point in Polygon Strategies.
    """
    corners = np.asarray(polygon, dtype=np.float64)
    x, y = xy[:, 0].astype(np.float64), xy[:, 1].astype(np.float64)
    (left, bottom), (right, top) = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
    odd = np.zeros(len(near), dtype=np.bool_)
    px, py = x[near], y[near]
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            odd ^= ((y0 > py) != (y1 > py)) & (px < (x1 - x0) * (py - y0) / (y1 - y0) + x0)
    result = np.zeros(len(xy), dtype=np.bool_)
    result[near[odd]] = True
    return result


def as_bytes(array: AnyArray) -> bytes:
    """An array as it goes over the wire."""
    return np.ascontiguousarray(array).tobytes()
