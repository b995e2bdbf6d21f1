"""Histogram counts against numpy, and the merge law."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.reducers.column_groups import ColumnGroups
from analysis.reducers.logit_histogram import BINS, LogitHistogramReducer


def filled(logits, labels, is_old, cuts=(), edges=(-4.0, 4.0)):
    columns = ColumnGroups.of(is_old, logits.shape[1])
    reducer = LogitHistogramReducer(columns, *edges)
    bounds = [0, *sorted(cuts), len(logits)]
    for start, stop in itertools.pairwise(bounds):
        piece = columns.permute(torch.from_numpy(logits[start:stop]))
        part = LogitHistogramReducer(columns, *edges)
        part.update(torch.arange(start, stop), piece, torch.from_numpy(labels[start:stop]))
        reducer.merge(part)
    return reducer.result()


def test_counts_agree_with_numpy_by_label_group_and_column_group():
    rng = np.random.default_rng(0)
    logits = rng.integers(-512, 512, size=(40, 9)).astype(np.float32) / 128 + 1 / 256  # amid the bins: no rounding
    labels = rng.integers(0, 9, 40)
    is_old = np.array([True, False, True, True, False, False, True, False, True])
    found = filled(logits, labels, is_old)
    for row, rows in enumerate((is_old, ~is_old)):
        for column, columns in enumerate((is_old, ~is_old)):
            expected, _ = np.histogram(logits[rows[labels]][:, columns], bins=found["edges"])
            assert (found["counts"][row, column] == expected).all()


def test_what_lies_outside_is_counted_beside_and_nan_nowhere():
    logits = np.array([[-9.0, 9.0, 0.0, np.nan, np.inf, -np.inf]], dtype=np.float32)
    found = filled(logits, np.array([0]), None)
    assert (found["below"][0, 0], found["above"][0, 0], found["counts"].sum()) == (2, 2, 1)


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 50), max_size=4), classes=st.sampled_from([3, 1001]))
def test_merge_law_also_where_only_every_16th_sample_is_counted(cuts, classes):
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(50, classes)).astype(np.float32)
    labels = rng.integers(0, classes, 50)
    whole, cut = filled(logits, labels, None), filled(logits, labels, None, cuts)
    for name in whole:
        np.testing.assert_array_equal(whole[name], cut[name])
    counted = whole["counts"].sum() + whole["below"].sum() + whole["above"].sum()
    assert counted == (50 * 3 if classes == 3 else 4 * 1001)


def test_edges_come_from_the_first_batch_with_room_on_both_sides():
    columns = ColumnGroups.of(None, 3)
    logits = torch.tensor([[0.0, 4.0, float("nan")], [float("inf"), 2.0, 1.0]])
    result = LogitHistogramReducer.from_first_batch(columns, logits).result()
    assert (result["edges"][0], result["edges"][-1], len(result["edges"])) == (-1.0, 5.0, BINS + 1)


@pytest.mark.parametrize("value", [3.0, float("nan")])
def test_a_constant_or_hopeless_first_batch_still_has_edges(value):
    columns = ColumnGroups.of(None, 2)
    reducer = LogitHistogramReducer.from_first_batch(columns, torch.full((2, 2), value))
    assert reducer.high > reducer.low


def test_different_edges_do_not_merge():
    columns = ColumnGroups.of(None, 2)
    with pytest.raises(ValueError, match="edges differ"):
        LogitHistogramReducer(columns, 0.0, 1.0).merge(LogitHistogramReducer(columns, 0.0, 2.0))
