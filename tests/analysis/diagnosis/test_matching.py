"""Sparse matching against the dense one, and permutations that stay permutations."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from analysis.diagnosis import matching
from analysis.diagnosis.matching import completed, maximum_weight_matching

SIZES = st.tuples(st.integers(1, 12), st.integers(1, 12), st.floats(0, 1), st.integers(0, 2**32 - 1))


def _weights(rows, columns, density, seed):
    random = np.random.default_rng(seed)
    weight = random.integers(-2, 12, size=(rows, columns)) / 2
    return np.where(random.random((rows, columns)) < density, weight, 0.0)


def _total(dense, match):
    held = np.flatnonzero(match >= 0)
    return dense[held, match[held]].sum()


def _match(dense):
    row, column = np.nonzero(dense)
    return maximum_weight_matching(row, column, dense[row, column], rows=dense.shape[0], columns=dense.shape[1])


@given(SIZES)
@settings(max_examples=200)
def test_the_weight_is_the_largest_possible(sizes):
    dense = _weights(*sizes)
    match = _match(dense)
    positive = np.maximum(dense, 0)
    expected = positive[linear_sum_assignment(positive, maximize=True)].sum()
    assert _total(dense, match) == expected
    assert len(np.unique(match[match >= 0])) == (match >= 0).sum()


def test_mutual_bests_first_comes_close_and_is_a_matching(monkeypatch):
    monkeypatch.setattr(matching, "_EXACT_UP_TO", 0)
    order = np.random.default_rng(0).permutation(200)
    dense = np.maximum(_weights(200, 200, 0.05, 3), 0) + 12 * np.eye(200)[:, order]  # confusions: mostly right
    match = _match(dense)
    best = dense[linear_sum_assignment(dense, maximize=True)].sum()
    assert _total(dense, match) >= 0.99 * best
    assert len(np.unique(match[match >= 0])) == (match >= 0).sum()


@given(st.integers(1, 15), st.data())
def test_a_completed_map_is_a_permutation_that_keeps_what_was_matched(classes, data):
    order = data.draw(st.permutations(range(classes)))
    held = np.array(data.draw(st.lists(st.booleans(), min_size=classes, max_size=classes)))
    matched = np.where(held, np.array(order), -1)
    result = completed(np.arange(classes), matched, classes)
    assert sorted(result) == list(range(classes))
    assert all(result[column] == i for i, column in enumerate(matched) if column >= 0)


def test_unmatched_columns_keep_their_class_where_it_is_free():
    matched = np.array([1, -1, -1, -1])  # class 0 stands at column 1
    assert list(completed(np.arange(4), matched, 4)) == [1, 0, 2, 3]
