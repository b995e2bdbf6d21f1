"""Excess errors: by hand, and silent where a cluster only holds hard classes."""

import numpy as np
import pytest
from scipy.stats import binomtest

from analysis.reports.cluster_excess import excess_errors, wilson_low


def test_expected_errors_by_hand():
    cluster = np.array([0] * 4 + [-1] * 10)
    label = np.array([0, 0, 1, 1] + [0] * 5 + [1] * 5)
    correct = np.array([0, 0, 0, 1] + [1, 1, 1, 1, 0] + [1] * 5, dtype=bool)
    prediction = np.where(correct, label, 2)
    table = excess_errors(cluster, label, prediction, correct)
    overall = 1 / 10
    expected = 2 * (1 + 5 * overall) / 10 + 2 * (0 + 5 * overall) / 10
    row = table.iloc[0]
    assert (row["size"], row["errors"], row["error_rate"]) == (4, 3, 0.75)
    assert row["expected_errors"] == pytest.approx(expected)
    assert row["excess_errors"] == pytest.approx(3 - expected)
    assert (row["top_label_index"], row["top_prediction_index"]) == (0, 2)


def test_a_hidden_group_ranks_first_and_a_hard_class_does_not():
    random = np.random.default_rng(0)
    label = random.integers(0, 5, size=4000)
    hidden = random.random(4000) < 0.05
    rate = np.where(hidden, 0.9, np.where(label == 4, 0.6, 0.05))
    correct = random.random(4000) >= rate
    cluster = np.where(hidden, 7, np.where((label == 4) & (random.random(4000) < 0.5), 4, 0))
    table = excess_errors(cluster, label, label, correct)
    assert table["cluster"].iloc[0] == 7
    assert table["excess_low"].iloc[0] > 100
    assert table.set_index("cluster").loc[4, "excess_low"] == 0


def test_the_support_decides_and_not_the_rate_alone():
    correct = np.ones(11000, dtype=bool)
    correct[:500] = False
    table = excess_errors(np.where(np.arange(11000) < 1000, 0, 1), np.zeros(11000, int), np.zeros(11000, int), correct)
    assert table["cluster"].iloc[0] == 0
    assert 400 < table["excess_low"].iloc[0] < 500


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (3, 7), (40, 40), (500, 1000)])
def test_wilson_low_agrees_with_scipy(hits, n):
    expected = binomtest(hits, n).proportion_ci(0.95, method="wilson").low
    assert wilson_low(np.array([hits]), np.array([n]), 1.959963984540054)[0] == pytest.approx(expected, abs=1e-12)


def test_the_upper_bound_is_wilsons_too():
    cluster, label = np.repeat([0, -1], [40, 200]), np.zeros(240, dtype=int)
    correct = np.arange(240) >= 10
    row = excess_errors(cluster, label, label, correct).iloc[0]
    interval = binomtest(10, 40).proportion_ci(0.9, method="wilson")  # one cluster: 5 % on either side
    assert row["excess_high"] == pytest.approx(40 * interval.high - row["expected_errors"])
    assert row["excess_low"] == pytest.approx(40 * interval.low - row["expected_errors"])


def test_no_clusters_and_no_samples():
    none = np.zeros(0, dtype=np.int64)
    assert excess_errors(none, none, none, none.astype(bool)).empty
    assert excess_errors(np.full(3, -1), np.zeros(3, int), np.zeros(3, int), np.ones(3, bool)).empty
