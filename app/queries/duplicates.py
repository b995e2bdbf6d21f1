"""Copies of pictures: pairs and groups within validation, pairs with the training set, and what they do to accuracy."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import BoolArray, IntArray
from analysis.reports import copies
from analysis.reports.copies import Share
from analysis.runs import layout
from analysis.runs.leak_pictures import leak_picture
from app.queries import passing, runs
from app.queries.passing import EVERY, Filter
from app.queries.runs import RunKey

WITHIN, TRAINING = "Within validation", "Also in training"
KINDS = ("All", "Exact", "Near")
LABELS = ("All", "Same label", "Different labels")
ORDERS = ("Most alike", "Least alike", "Largest loss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which pairs or groups the page shows, and in which order; the fields are of the words above."""

    kind: str = "All"
    labels: str = "All"
    order: str = ORDERS[0]
    passing: Filter = EVERY
    """A filter that one sample of a pair has to pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was looked through: training pictures listed and read; None where no training set is named."""

    listed: int | None
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What copies do to accuracy.

    Attributes:
        now: Accuracy of every sample.
        without: Every picture counted once; for leaks: the samples that are not in the training set.
        mixed: The same with the mix of classes of the whole set; None within validation.
        copied: Accuracy of the samples that have a copy.
        differ: Samples whose copy carries another label.
        groups: Pictures that are there more than once; for leaks: samples that are in the training set.
    """

    now: Share
    without: Share
    mixed: Share | None
    copied: Share
    differ: int
    groups: int


@st.cache_resource(max_entries=8, show_spinner=False)
def searched(key: RunKey) -> Searched | None:
    """None where the search for copies was skipped, or is still to come."""
    path = runs.run_path(key.id)
    if not (path / layout.DUPLICATES).is_file():
        return None
    try:
        facts = json.loads((path / layout.DUPLICATES_FACTS).read_text("utf-8")).get("training")
    except (OSError, ValueError):
        facts = None
    if facts is None:
        return Searched(listed=None, read=0)
    return Searched(listed=int(facts["listed"]), read=int(facts["read"]))


@st.cache_resource(max_entries=8, show_spinner=False)
def all_pairs(key: RunKey, where: str) -> pd.DataFrame | None:
    """Every pair: `sample_id`, `kind`, `similarity`, `differ` (labels), `loss` (the larger one), and the other side.

    The other side is `other` (a sample_id) within validation, or `row` (of ``leaks.parquet``), `train_label` and
    `train_filepath` for the training set; of a sample's training pictures the most alike one. None where nobody looked.
    """
    run = runs.open_run(key).run
    label, loss = runs.column(key, "label"), np.nan_to_num(runs.column(key, "loss"), nan=np.inf)
    if where == WITHIN:
        pairs = run.duplicates
        if pairs is None:
            return None
        first, second = pairs["sample_id"].to_numpy(), pairs["other"].to_numpy()
        return pairs.assign(differ=label[first] != label[second], loss=np.maximum(loss[first], loss[second]))
    if run.leaks is None:
        return None
    best = copies.best_of_leaks(run.leaks).rename(columns={"label": "train_label", "filepath": "train_filepath"})
    ids = best["sample_id"].to_numpy()
    return best.assign(differ=label[ids] != best["train_label"].to_numpy(), loss=loss[ids])


@st.cache_resource(max_entries=64, show_spinner=False)
def pairs(key: RunKey, where: str, filters: Filters) -> pd.DataFrame:
    """The pairs that pass, in order."""
    found = all_pairs(key, where)
    if found is None:
        return pd.DataFrame()
    mask = np.ones(len(found), dtype=np.bool_)
    if filters.kind != "All":
        mask &= found["kind"].to_numpy() == filters.kind.lower()
    if filters.labels != "All":
        mask &= found["differ"].to_numpy() == (filters.labels == LABELS[2])
    chosen = passing.mask(key, filters.passing)
    if chosen is not None:
        first = chosen[found["sample_id"].to_numpy()]
        mask &= first | chosen[found["other"].to_numpy()] if "other" in found else first
    column, ascending = {"Least alike": ("similarity", True), "Largest loss": ("loss", False)}.get(
        filters.order, ("similarity", False)
    )
    shown: pd.DataFrame = found[mask]
    ordered: pd.DataFrame = shown.sort_values(column, ascending=ascending, kind="stable", ignore_index=True)
    return ordered


@st.cache_resource(max_entries=8, show_spinner=False)
def groups(key: RunKey) -> IntArray:
    """(N,) group of copies of each sample, −1 = none; the largest group is 0."""
    found = runs.open_run(key).run.duplicates
    none = np.full(runs.size(key), -1, dtype=np.int64)
    return none if found is None else copies.copy_groups(found, runs.size(key))


@st.cache_resource(max_entries=64, show_spinner=False)
def members(key: RunKey, filters: Filters) -> tuple[IntArray, ...]:
    """The groups that have a pair which passes, in the order of their first such pair; sample ids ascending."""
    group = groups(key)
    found = pairs(key, WITHIN, filters)
    if found.empty:
        return ()
    wanted = group[found["sample_id"].to_numpy()]
    _, first = np.unique(wanted, return_index=True)
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(int(group.max()) + 2))
    return tuple(order[ends[number] : ends[number + 1]] for number in wanted[np.sort(first)].tolist())


@st.cache_resource(max_entries=16, show_spinner=False)
def effect(key: RunKey, where: str, chosen: Filter = EVERY) -> Effect:
    """What the copies of one kind do to accuracy, as predictions are today, of the samples that pass a filter."""
    mask = passing.mask(key, chosen)
    every = np.ones(runs.size(key), dtype=np.bool_) if mask is None else mask
    correct, label = runs.column(key, "correct")[every], runs.column(key, "label_index")[every]
    now = copies.accuracy_of(correct, np.ones(len(correct), dtype=np.bool_))
    if where == WITHIN:
        group = groups(key)
        differ = copies.conflicting(group, runs.column(key, "label_index"))[every]
        group = group[every]
        present, place = np.unique(group[group >= 0], return_inverse=True)
        group[group >= 0] = place  # numbers without gaps: a picture whose samples do not pass has no vote
        return Effect(
            now=now,
            without=copies.accuracy_once(correct, group),
            mixed=None,
            copied=copies.accuracy_of(correct, group >= 0),
            differ=int(differ.sum()),
            groups=len(present),
        )
    found = all_pairs(key, TRAINING)
    leaked, differ = _leaked(found, len(every))
    return Effect(
        now=now,
        without=copies.accuracy_of(correct, ~leaked[every]),
        mixed=copies.same_mix(correct, label, leaked[every]),
        copied=copies.accuracy_of(correct, leaked[every]),
        differ=int(differ[every].sum()),
        groups=int(leaked[every].sum()),
    )


def training_picture(key: RunKey, row: int) -> bytes | None:
    """The training picture of one row of ``leaks.parquet``."""
    return leak_picture(runs.run_path(key.id), row)


def _leaked(found: pd.DataFrame | None, n: int) -> tuple[BoolArray, BoolArray]:
    """(n,) Whether a sample is in the training set, and whether it is there under another label."""
    leaked, differ = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    if found is not None:
        leaked[found["sample_id"].to_numpy()] = True
        differ[found["sample_id"].to_numpy()] = found["differ"].to_numpy()
    return leaked, differ
