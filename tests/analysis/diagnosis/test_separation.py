"""Rank sums against scipy's, by hand, and added up over strata."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from analysis.diagnosis.separation import Separation, separation


def test_by_hand():
    found = separation(np.array([3.0, 1.0, 2.0, 1.0]), np.array([True, True, False, False]))
    assert (found.higher, found.pairs) == (2.5, 4)
    assert found.auc == 0.625


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 30))
def test_equals_mann_and_whitney(seed, first, second):
    rng = np.random.default_rng(seed)
    score, is_first = rng.normal(size=first + second), np.arange(first + second) < first
    theirs = mannwhitneyu(
        score[:first], score[first:], alternative="greater", method="asymptotic", use_continuity=False
    )
    found = separation(score, is_first)
    assert found.higher == pytest.approx(theirs.statistic)
    assert found.p == pytest.approx(theirs.pvalue)


def test_infinite_and_missing_scores_have_their_ranks():
    score = np.array([np.inf, -np.inf, np.nan, 0.0])
    assert separation(score, np.array([True, False, False, False])).auc == 1.0


def test_strata_are_compared_within_themselves():
    low, high = separation(np.array([0.0, 1.0]), np.array([True, False])), Separation()
    both = low + high + separation(np.array([9.0, 8.0]), np.array([True, False]))
    assert (both.auc, both.pairs) == (0.5, 2)


@pytest.mark.parametrize("is_first", [[True, True], [False, False], []])
def test_one_kind_alone_says_nothing(is_first):
    found = separation(np.arange(len(is_first), dtype=float), np.array(is_first, dtype=bool))
    assert (found.auc, found.p) == (0.5, 1.0)
