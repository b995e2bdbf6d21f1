"""Groups of copies and accuracy without them, by hand and against a plain second way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.copies import accuracy_of, accuracy_once, best_of_leaks, conflicting, copy_groups, same_mix
from analysis.reports.per_class import wilson


def _pairs(*pairs: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame(np.array(pairs, dtype=np.int64).reshape(-1, 2), columns=["sample_id", "other"])


def test_copies_of_copies_are_one_group_and_the_largest_comes_first() -> None:
    group = copy_groups(_pairs((5, 2), (7, 5), (9, 8), (3, 0)), 11)
    assert group.tolist() == [1, -1, 0, 1, -1, 0, -1, 0, 2, 2, -1]


def test_no_pairs_no_groups() -> None:
    assert copy_groups(_pairs(), 3).tolist() == [-1, -1, -1]


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)).filter(lambda pair: pair[0] != pair[1]), max_size=25))
def test_groups_against_plain_merging(pairs: list[tuple[int, int]]) -> None:
    part = list(range(20))
    for one, other in pairs:
        part = [part[one] if number == part[other] else number for number in part]
    group = copy_groups(_pairs(*pairs), 20)
    for one in range(20):
        for other in range(one):
            assert (group[one] == group[other] and group[one] >= 0) == (part[one] == part[other])


def test_every_picture_counts_once() -> None:
    """Three copies, two right: 2/3 of a vote; two alone, one right; so (2/3 + 1) / 3."""
    correct, group = np.array([True, True, False, True, False]), np.array([0, 0, 0, -1, -1])
    found = accuracy_once(correct, group)
    assert (found.value, found.n) == (pytest.approx(5 / 9), 3)
    low, high = wilson(np.array([5 / 3]), np.array([3]))
    assert (found.low, found.high) == (pytest.approx(low[0]), pytest.approx(high[0]))


def test_accuracy_of_some_and_of_none() -> None:
    correct = np.array([True, False, True, True])
    found = accuracy_of(correct, np.array([True, True, True, False]))
    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)
    assert found.low < 2 / 3 < found.high
    nobody = accuracy_of(correct, np.zeros(4, dtype=np.bool_))
    assert nobody.n == 0
    assert np.isnan([nobody.value, nobody.low, nobody.high]).all()


def test_the_same_mix_of_classes_by_hand() -> None:
    """Class 0: 4 samples, the 2 left are half right; class 1: 6 samples, the 3 left are all right: 0.4·½ + 0.6·1."""
    label = np.array([0] * 4 + [1] * 6)
    left_out = np.array([True, True, False, False] + [True] * 3 + [False] * 3)
    correct = np.array([True, True, True, False] + [False] * 3 + [True] * 3)
    found = same_mix(correct, label, left_out)
    half = 1.959963984540054 * np.sqrt(0.4**2 * 0.25 / 2)
    assert (found.value, found.n) == (pytest.approx(0.8), 5)
    assert (found.low, found.high) == (pytest.approx(0.8 - half), 1.0)
    assert same_mix(correct, label, np.ones(10, dtype=np.bool_)).n == 0
    assert same_mix(correct[:0], label[:0], left_out[:0]).n == 0


def test_a_class_of_which_nothing_is_left_has_no_weight() -> None:
    label, correct = np.array([0, 0, 1, 1]), np.array([True, False, True, True])
    assert same_mix(correct, label, np.array([False, False, True, True])).value == 0.5


def test_the_most_alike_training_picture_of_each_sample() -> None:
    leaks = pd.DataFrame({"sample_id": [4, 2, 2, 4], "similarity": [0.9, 0.8, 0.95, 0.9], "filepath": list("abcd")})
    best = best_of_leaks(leaks)
    assert best[["sample_id", "filepath", "row"]].to_numpy().tolist() == [[2, "c", 2], [4, "a", 0]]


def test_groups_of_several_labels() -> None:
    group, label = np.array([0, 0, 1, 1, -1]), np.array([3, 3, 3, 4, 9])
    assert conflicting(group, label).tolist() == [False, False, True, True, False]
    assert not conflicting(np.array([-1, -1]), np.array([0, 1])).any()
