"""Selections drawn on the map: which samples lie inside."""

import json

import numpy as np
import streamlit as st

from analysis.arrays import BoolArray, IntArray
from analysis.runs.outlines import Area, Corners, Outline, area_of, area_text, inside, selected
from app.queries import filters, points, runs
from app.queries.runs import RunKey

__all__ = ["Area", "Corners", "Outline", "area_of", "area_text", "inside"]


@st.cache_resource(max_entries=32, show_spinner=False)
def samples_inside(key: RunKey, area: str, where: str = "") -> IntArray:
    """Ids of the samples inside a selection in link form that pass a filter expression, largest loss first.

    None for what is no selection; an expression that cannot be read filters nothing.
    """
    ids = np.flatnonzero(mask_inside(key, area, where))
    return ids[np.argsort(-np.nan_to_num(runs.column(key, "loss")[ids], nan=-np.inf), kind="stable")]


@st.cache_resource(max_entries=8, show_spinner=False)
def mask_inside(key: RunKey, area: str, where: str = "") -> BoolArray:
    """(N,) True for the same samples."""
    xy, outlines = points.places(key), area_of(area)
    if xy is None or outlines is None:
        return np.zeros(runs.size(key), dtype=np.bool_)
    inside_area, passing = selected(xy, outlines), filters.answer(key, where).mask
    return inside_area if passing is None else inside_area & passing


def expression(area: str, where: str = "") -> str:
    """The same as a filter expression."""
    drawn = f"inside({json.dumps(area)})"
    return f"({where}) and {drawn}" if where else drawn
