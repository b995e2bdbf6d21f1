"""Calibration error against a plain loop, and what chance alone gives."""

import numpy as np
import pytest

from analysis.diagnosis.calibration import calibration


def _answers(n, seed, off=0.0):
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.3, 0.95, size=n)
    return confidence, rng.random(n) < confidence - off


def test_plain_error_is_the_mean_gap_over_bins_of_equal_size():
    confidence, correct = _answers(997, 0, off=0.1)
    parts = np.array_split(np.argsort(confidence, kind="stable"), 15)
    gaps = [abs(correct[part].mean() - confidence[part].mean()) for part in parts]
    expected = np.average(gaps, weights=[len(part) for part in parts])
    assert calibration(confidence, correct).plain == pytest.approx(expected, abs=2e-3)  # odd sizes fall elsewhere


def test_what_chance_alone_gives_is_taken_off_in_part():
    found = [calibration(*_answers(1000, seed)) for seed in range(30)]
    assert np.mean([one.plain for one in found]) > 0.025
    assert np.mean([one.error for one in found]) < 0.8 * np.mean([one.plain for one in found])
    assert np.mean([one.p < 0.05 for one in found]) < 0.2


def test_a_true_error_stays_and_is_covered():
    found = [calibration(*_answers(3000, seed, off=0.1)) for seed in range(30)]
    assert np.mean([one.error for one in found]) == pytest.approx(0.1, abs=0.01)
    assert np.mean([one.low <= 0.1 <= one.high for one in found]) >= 0.9
    assert all(one.p < 1e-6 and one.over > 0.05 for one in found)


@pytest.mark.parametrize("n", [1, 7, 15, 16])
def test_few_answers(n):
    one = calibration(np.full(n, 0.5), np.ones(n, dtype=bool))
    assert one.bins["n"].sum() == n
    assert 0 <= one.low <= one.error <= one.high <= 1
