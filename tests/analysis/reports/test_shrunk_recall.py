"""Shrunk recall against scipy's beta-binomial on a grid, and what must never be called low."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, betabinom

from analysis.reports.shrunk_recall import LEAST, Prior, fit_prior, shrunk_recall


def _likelihood(k: np.ndarray, n: np.ndarray, prior: Prior) -> float:
    return float(betabinom.logpmf(k, n, prior.alpha, prior.beta).sum())


@pytest.mark.parametrize(("a", "b", "seed"), [(8, 2, 0), (0.5, 0.5, 1), (300, 100, 2)])
def test_no_point_of_a_grid_is_more_likely(a: float, b: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 40, 300)
    k = rng.binomial(n, rng.beta(a, b, 300))
    found = fit_prior(k, n)
    assert found is not None
    best = max(
        _likelihood(k, n, Prior(mean=float(mean), strength=float(strength)))
        for mean in np.linspace(0.02, 0.98, 25)
        for strength in np.geomspace(0.1, float(n.sum()), 15)
    )
    assert _likelihood(k, n, found) >= best - 1e-3
    assert found.mean == pytest.approx(a / (a + b), abs=0.05)


def test_the_posterior_against_scipy() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(0, 30, 200)
    k = rng.binomial(n, 0.7)
    group = rng.integers(0, 2, 200)
    found = shrunk_recall(k, n, group)
    prior = fit_prior(k[group == 1], n[group == 1])
    assert prior is not None
    row = np.flatnonzero((group == 1) & (n > 0))[0]
    posterior = beta(prior.alpha + k[row], prior.beta + n[row] - k[row])
    assert found.value[row] == pytest.approx(posterior.mean())
    assert (found.low[row], found.high[row]) == (
        pytest.approx(posterior.ppf(0.025)),
        pytest.approx(posterior.ppf(0.975)),
    )
    assert np.isnan(found.value[n == 0]).all()


def test_few_samples_are_pulled_and_many_are_not() -> None:
    rng = np.random.default_rng(4)
    n = np.r_[3, 1000, rng.integers(5, 60, 500)]
    k = np.r_[0, 100, rng.binomial(n[2:], rng.beta(9, 1, 500))]
    found = shrunk_recall(k, n, np.zeros(len(n), dtype=np.int64))
    assert found.value[0] > 0.5
    assert found.value[1] == pytest.approx(0.1, abs=0.02)
    assert found.is_low[:2].tolist() == [False, True]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30))
def test_nothing_of_few_samples_is_ever_low(counts: list[tuple[int, int]]) -> None:
    n = np.array([max(pair) for pair in counts] + [3])
    k = np.array([min(pair) for pair in counts] + [0])
    found = shrunk_recall(k, n, np.zeros(len(n), dtype=np.int64))
    assert not found.is_low[n < LEAST].any()
    has = n > 0
    assert ((found.low[has] <= found.value[has] + 1e-9) & (found.value[has] <= found.high[has] + 1e-9)).all()


def test_nothing_known() -> None:
    assert fit_prior(np.zeros(2, dtype=int), np.zeros(2, dtype=int)) is None
    found = shrunk_recall(np.zeros(2, dtype=int), np.zeros(2, dtype=int), np.zeros(2, dtype=int))
    assert np.isnan(found.value).all()
    assert not found.is_low.any()


@pytest.mark.parametrize("right", [0, 12])
def test_all_right_or_all_wrong(right: int) -> None:
    found = shrunk_recall(np.full(5, right), np.full(5, 12), np.zeros(5, dtype=int))
    assert found.value == pytest.approx(np.full(5, right / 12), abs=0.02)
    assert not found.is_low.any()
