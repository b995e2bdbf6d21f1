"""Selections drawn on the map: which samples lie inside."""

import json

import numpy as np
import streamlit as st

from analysis.arrays import BoolArray, IntArray
from analysis.runs.outlines import Area, Corners, Outline, area_of, area_text, inside, selected
from app.queries import points, runs
from app.queries.runs import RunKey

__all__ = ["Area", "Corners", "Outline", "area_of", "area_text", "inside"]


@st.cache_resource(max_entries=32, show_spinner=False)
def samples_inside(key: RunKey, area: str) -> IntArray:
    """Ids of the samples inside a selection in link form, largest loss first; none for what is no selection."""
    ids = np.flatnonzero(mask_inside(key, area))
    return ids[np.argsort(-np.nan_to_num(runs.column(key, "loss")[ids], nan=-np.inf), kind="stable")]


@st.cache_resource(max_entries=8, show_spinner=False)
def mask_inside(key: RunKey, area: str) -> BoolArray:
    """(N,) True for the samples inside a selection in link form."""
    xy, outlines = points.places(key), area_of(area)
    if xy is None or outlines is None:
        return np.zeros(runs.size(key), dtype=np.bool_)
    return selected(xy, outlines)


def expression(area: str) -> str:
    """A selection in link form as a filter expression."""
    return f"inside({json.dumps(area)})"
