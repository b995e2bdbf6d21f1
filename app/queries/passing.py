"""Classes and confusions of the samples that pass a filter; an empty one means the run's own tables."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import BoolArray, IntArray
from analysis.reports.per_class import class_table
from app.queries import filters, runs
from app.queries.runs import RunKey


class Filter(NamedTuple):
    """What cached questions about the samples that pass are keyed on; without a text every sample passes."""

    text: str = ""
    version: int = 0
    """Moves with what people say of samples, where the expression speaks of it."""

    def __bool__(self) -> bool:
        return bool(self.text)


EVERY = Filter()


def current(key: RunKey) -> Filter:
    """The filter that stands in the link, or none where it is wrong: the box above the page says so then."""
    text, version = filters.keyed(key)
    return Filter(text, version) if text and filters.answer(key, text).mask is not None else EVERY


def mask(key: RunKey, where: Filter) -> BoolArray | None:
    """(N,) True where a sample passes; None where every sample does."""
    return filters.answer(key, where.text).mask if where else None


def of_class(key: RunKey, index: int, where: Filter) -> IntArray:
    """Ids of the samples of a class that pass, ascending."""
    chosen = runs.column(key, "label_index") == index
    passing = mask(key, where)
    return np.flatnonzero(chosen if passing is None else chosen & passing)


@st.cache_resource(max_entries=16, show_spinner=False)
def classes(key: RunKey, where: Filter) -> pd.DataFrame:
    """As `runs.classes`, counted over the samples that pass; what is known of the head and the training set stays."""
    frame, passing = runs.classes(key), mask(key, where)
    if passing is None or frame.empty:
        return frame
    counted = class_table(
        names=tuple(frame["name"]),
        label_index=runs.column(key, "label_index")[passing],
        prediction_index=runs.column(key, "prediction_index")[passing],
        loss=runs.column(key, "loss")[passing],
        is_old=runs.is_old(key),
    )
    kept = {name: frame[name] for name in ("group", "head_norm", "head_bias", "train_count")}
    return counted.assign(**kept)


@st.cache_resource(max_entries=16, show_spinner=False)
def confusions(key: RunKey, where: Filter) -> pd.DataFrame:
    """As `runs.confusions`, of the samples that pass."""
    passing = mask(key, where)
    if passing is None:
        return runs.confusions(key)
    label, prediction = (runs.column(key, name)[passing] for name in ("label_index", "prediction_index"))
    # One number a pair: sorting a million of them takes a third of the time of grouping by two columns.
    low, width = int(prediction.min(initial=0)), int(prediction.max(initial=0)) - int(prediction.min(initial=0)) + 1
    pair, counts = np.unique(label.astype(np.int64) * width + (prediction - low), return_counts=True)
    return pd.DataFrame({"label_index": pair // width, "prediction_index": pair % width + low, "count": counts})
