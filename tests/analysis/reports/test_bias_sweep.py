"""The exact sweep against trying every offset on the full logits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.reports.bias_sweep import leads, sweep_of, sweep_table


def _planted(seed, n=200, bias=3.0):
    random = np.random.default_rng(seed)
    is_old = np.arange(6) < 4
    label = random.integers(0, 6, size=n)
    z = random.normal(size=(n, 6))
    z[np.arange(n), label] += 2
    z[:, ~is_old] += bias
    return z, label, is_old


def _inputs(z, label, is_old):
    old, new = np.flatnonzero(is_old), np.flatnonzero(~is_old)
    best_old, best_new = old[z[:, old].argmax(axis=1)], new[z[:, new].argmax(axis=1)]
    return z[:, old].max(axis=1), best_old == label, z[:, new].max(axis=1), best_new == label, is_old[label]


@given(st.integers(0, 1000), st.floats(-8, 8))
@settings(max_examples=50)
def test_accuracy_at_any_offset_is_that_of_the_shifted_logits(seed, delta):
    z, label, is_old = _planted(seed, n=50)
    sweep = sweep_of(*_inputs(z, label, is_old))
    shifted = z + np.where(is_old, 0, delta)
    correct = shifted.argmax(axis=1) == label
    place = sweep.at(delta)
    old = is_old[label]
    assert (sweep.old_correct[place], sweep.new_correct[place]) == (correct[old].sum(), correct[~old].sum())


@given(st.integers(0, 1000), st.integers(0, 40), st.booleans())
@settings(max_examples=50)
def test_samples_in_order_of_their_leads_give_the_same_sweep(seed, n, coarse):
    z, label, is_old = _planted(seed, n=n)
    z = z.round() if coarse else z  # ties
    z[np.random.default_rng(seed).random(z.shape) < 0.05] = np.nan
    inputs = _inputs(z, label, is_old)
    order = np.argsort(leads(inputs[0], inputs[2]), kind="stable")
    one, other = sweep_of(*inputs), sweep_of(*(column[order] for column in inputs))
    for name in ("low", "high", "old_correct", "new_correct", "changes"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_the_table_holds_zero_and_the_best_offset_and_stays_small():
    z, label, is_old = _planted(0, n=5000)
    sweep = sweep_of(*_inputs(z, label, is_old))
    table = sweep_table(sweep)
    now = table[table["delta"] == 0.0].iloc[0]
    assert len(table) <= 2000
    assert table["delta"].is_monotonic_increasing
    assert now["overall"] == pytest.approx((z.argmax(axis=1) == label).mean())
    assert now["harmonic"] == pytest.approx(2 * now["old"] * now["new"] / (now["old"] + now["new"]))
    assert sweep.best_delta() == pytest.approx(-3, abs=0.5)
    assert sweep.best_delta() in set(table["delta"])


def test_the_best_offset_is_as_good_as_the_best_plateau_within_its_error():
    z, label, is_old = _planted(1, n=2000)
    sweep = sweep_of(*_inputs(z, label, is_old))
    chosen = sweep.correct[sweep.at(sweep.best_delta())]
    assert sweep.correct.max() - chosen <= np.sqrt(2000) / 2


def test_logits_that_are_no_numbers_win_on_their_own_side():
    max_old, max_new = np.array([np.nan, 1.0, -np.inf, 1.0]), np.array([0.0, np.nan, 0.0, -np.inf])
    sweep = sweep_of(
        max_old, np.array([1, 0, 0, 1]) > 0, max_new, np.array([0, 1, 1, 0]) > 0, np.array([1, 0, 0, 1]) > 0
    )
    assert list(sweep.correct) == [4]
    assert sweep.best_delta() == 0.0


def test_a_group_without_samples_has_no_accuracy():
    z, label, is_old = _planted(0)
    kept = is_old[label]
    table = sweep_table(sweep_of(*(values[kept] for values in _inputs(z, label, is_old))))
    assert table["new"].isna().all()
    assert not table["overall"].isna().any()
    assert len(sweep_table(sweep_of(*(values[:0] for values in _inputs(z, label, is_old))))) >= 1
