"""Labels against answers by place in the class list, before and after the supported fixes."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from analysis.arrays import IntArray
from app.queries import examples, runs
from app.queries.runs import RunKey

BLOCKS = 60


class Matching(NamedTuple):
    """Samples by block of the label and block of the answer, (B, B) each, over C classes."""

    before: IntArray
    after: IntArray
    classes: int


@st.cache_resource(max_entries=8, show_spinner=False)
def matching(key: RunKey) -> Matching | None:
    """Counted in one pass; None where the diagnosis has undone nothing."""
    if not examples.has_repaired(key):
        return None
    classes = len(runs.class_names(key))
    label = runs.column(key, "label_index")
    before, after = (_counts(label, examples.predictions(key, repaired=r), classes) for r in (False, True))
    return Matching(before, after, classes)


def _counts(label: IntArray, predicted: IntArray, classes: int) -> IntArray:
    blocks = min(BLOCKS, classes)
    inside = (label >= 0) & (label < classes) & (predicted >= 0) & (predicted < classes)
    of = [(values[inside].astype(np.int64) * blocks) // classes for values in (label, predicted)]
    return np.bincount(of[0] * blocks + of[1], minlength=blocks * blocks).reshape(blocks, blocks)
