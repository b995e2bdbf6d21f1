"""A small set is said to be small; a large one is not."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.data.val_too_small import HYPOTHESIS, detectable
from tests.planting import make_run


def _finding(path, **planted):
    return diagnose(make_run(path, **planted).run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_as_a_limit_of_every_claim(tmp_path):
    finding = _finding(tmp_path, per_class=15)

    assert finding.verdict is Verdict.SUPPORTED
    assert finding.lane is Lane.VALIDITY
    assert "150 samples" in finding.summary


def test_healthy_run_is_refuted(tmp_path):
    assert _finding(tmp_path, per_class=100).verdict is Verdict.REFUTED


@pytest.mark.parametrize("per_class", [1, 2])
def test_a_perfect_score_on_a_handful_of_samples_is_not_enough(tmp_path, per_class):
    assert _finding(tmp_path, classes=3, per_class=per_class, noise=0.01).verdict is Verdict.SUPPORTED


def test_the_detectable_difference_is_found_in_simulation_four_times_in_five():
    rng = np.random.default_rng(0)
    n, share = 1000, 0.8
    difference = detectable(800, n)
    first = rng.binomial(n, share, size=4000) / n
    second = rng.binomial(n, share - difference, size=4000) / n
    spread = np.sqrt(first * (1 - first) / n + second * (1 - second) / n)

    assert np.mean(np.abs(first - second) > 1.96 * spread) == pytest.approx(0.8, abs=0.04)
