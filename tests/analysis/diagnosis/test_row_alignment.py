"""Shifts of a file, orders of files, and folders that name classes."""

import numpy as np
import pytest

from analysis.diagnosis.row_alignment import (
    common_lags,
    folder_classes,
    is_better,
    lag_of_each_row,
    sorted_sources,
    source_of_lags,
)


@pytest.mark.parametrize("lag", [1, -7, 250])
def test_a_shift_is_found_among_all_lags_with_half_of_the_rows_hidden(lag):
    rng = np.random.default_rng(0)
    label = rng.integers(0, 30, 1000)
    predicted = np.where(rng.random(1000) < 0.7, np.roll(label, -lag), rng.integers(0, 30, 1000))
    hidden = rng.random(1000) < 0.5
    label, predicted = np.where(hidden, -1, label), np.where(hidden, -1, predicted)
    lags = common_lags(label, predicted, 30)
    assert lags[0] == 0
    assert lag in lags
    assert (lag_of_each_row(label, predicted, lags, 30) == lag).all()


def test_no_shift_where_there_is_none():
    rng = np.random.default_rng(0)
    label = np.sort(rng.integers(0, 30, 1000))
    predicted = np.where(rng.random(1000) < 0.3, label, rng.integers(0, 30, 1000))
    assert not lag_of_each_row(label, predicted, common_lags(label, predicted, 30), 30).any()


def test_wrong_labels_at_the_end_of_a_sorted_file_are_no_shift():
    """Of every third row there the label of the row before would be right, by accident of the sorting."""
    rng = np.random.default_rng(0)
    true = np.r_[np.repeat(np.arange(300), 5), np.sort(rng.integers(0, 300, 200))]
    label = np.r_[true[:1500], (true[1500:] + 1) % 300]
    assert 0.2 < (label[1499:-1] == true[1500:]).mean() < 0.6
    hidden = rng.random(1700) < 0.5
    label, predicted = np.where(hidden, -1, label), np.where(hidden, -1, true)
    assert not lag_of_each_row(label, predicted, common_lags(label, predicted, 300), 300).any()


def test_a_constant_shift_wraps_around_and_a_partial_one_does_not():
    assert source_of_lags(np.full(4, 1)).tolist() == [1, 2, 3, 0]
    assert source_of_lags(np.array([0, 0, 1, 1])).tolist() == [0, 1, 3, 3]


def test_labels_listed_in_the_order_of_sorted_paths():
    paths = ["b/10.png", "b/9.png", "a/1.png"]
    sources = {how: source.tolist() for how, source in sorted_sources(paths)}
    assert sources["backwards"] == [2, 1, 0]
    assert sources["labels sorted by path"] == [1, 2, 0]
    assert all(sorted(source) == [0, 1, 2] for source in sources.values())


def test_folders():
    paths = ["x/rose/1.png", "rose/2.png", "3.png", "x\\oak\\4.png", "elm/rose.png"]
    assert folder_classes(paths, ["oak", "rose"]).tolist() == [1, 1, -1, 0, -1]


def test_better_beyond_doubt():
    now = np.zeros(100, dtype=bool)
    assert is_better(np.arange(100) < 30, now)
    assert not is_better(np.arange(100) < 10, now)
    assert not is_better(now, now)
