"""Tests and intervals against second implementations and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, false_discovery_control

from analysis.diagnosis.significance import (
    benjamini_hochberg,
    binomial_tail,
    holm,
    mcnemar,
    paired,
    wilson,
)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_the_exact_binomial_test(fixed, broken):
    expected = binomtest(fixed, fixed + broken, 0.5).pvalue if fixed + broken else 1.0
    assert mcnemar(fixed, broken) == pytest.approx(expected, rel=1e-9)


def test_no_p_is_ever_zero():
    assert mcnemar(100_000, 0) > 0
    assert binomial_tail(5000, 5000, 1e-6) > 0


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.001, 0.999))
def test_binomial_tail_agrees_with_scipy(hits, more, share):
    assert binomial_tail(hits, hits + more, share) == pytest.approx(binom.sf(hits - 1, hits + more, share), rel=1e-6)


@given(st.integers(1, 500), st.data())
def test_wilson_agrees_with_scipy(n, data):
    hits = data.draw(st.integers(0, n))
    expected = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert wilson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20))
def test_holm_is_monotone_and_between_p_and_bonferroni(p):
    adjusted = holm(p)
    assert all(a >= x for a, x in zip(adjusted, p, strict=True))
    assert all(a <= min(1.0, len(p) * max(p)) + 1e-12 for a in adjusted)
    assert [adjusted[i] for i in np.argsort(p, kind="stable")] == sorted(adjusted)


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20))
def test_benjamini_hochberg_agrees_with_scipy(p):
    assert benjamini_hochberg(np.array(p)) == pytest.approx(false_discovery_control(p), rel=1e-9)


def test_paired_counts_by_hand():
    before = np.array([1, 1, 0, 0, 0, 1], dtype=bool)
    after = np.array([1, 0, 1, 1, 1, 1], dtype=bool)
    score = paired(before, after)
    half = 1.959963984540054 * np.sqrt(4 - 4 / 6) / 6
    assert (score.fixed, score.broken, score.n) == (3, 1, 6)
    assert score.win_share == 0.75
    assert score.change.value == pytest.approx(2 / 6)
    assert (score.change.low, score.change.high) == pytest.approx((2 / 6 - half, 2 / 6 + half))


def test_no_change_still_leaves_room_for_one():
    score = paired(np.ones(300, dtype=bool), np.ones(300, dtype=bool))
    assert (score.p, score.change.low, score.change.high) == (1.0, -0.01, 0.01)
    assert paired(np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)).change.high == 1.0


def test_the_interval_holds_the_truth_19_times_in_20():
    random = np.random.default_rng(1)
    held = 0
    for _ in range(1000):
        before = random.random(400) < 0.7
        after = np.where(random.random(400) < 0.1, ~before, before)
        change = paired(before, after).change
        held += change.low <= 0.1 * (0.3 - 0.7) <= change.high
    assert 930 <= held <= 975


def test_copies_of_one_picture_do_not_count_as_many():
    before = np.zeros(200, dtype=bool)
    after = np.repeat(np.arange(20) < 4, 10)
    alone, copied = paired(before, after), paired(before, after, np.repeat(np.arange(20), 10))
    assert copied.p > 1000 * alone.p
    assert copied.change.low < 0.05 < alone.change.low
