"""Dropout left on: the same pictures asked twice get different answers."""

import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.backbone.stochastic_inference import HYPOTHESIS
from tests.planted_network import plant_probes
from tests.planted_reruns import pair_of_runs, plant_rerun

AXIS = "randomness"


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_with_what_is_reached_without_chance(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    finding = found(plant_probes(plant_rerun(bad, good, axis=AXIS), repeat_difference=1.2))
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())


def test_healthy_run_is_refuted_by_the_same_answers(tmp_path):
    _, good = pair_of_runs(tmp_path)
    assert found(plant_probes(good)).verdict == "refuted"


def test_noise_of_other_kernels_is_no_chance(tmp_path):
    _, good = pair_of_runs(tmp_path)
    assert found(plant_probes(good, repeat_difference=5e-4)).verdict == "refuted"


def test_chance_that_costs_nothing_limits_the_numbers_only(tmp_path):
    _, good = pair_of_runs(tmp_path)
    finding = found(plant_probes(plant_rerun(good, good, axis=AXIS), repeat_difference=0.02))
    assert (finding.verdict, finding.lane) == ("supported", "validity")


def test_few_samples_are_undecided_and_no_reruns_not_testable(tmp_path):
    bad, good = pair_of_runs(tmp_path, per_class=3)
    assert found(bad).verdict == "not_testable"
    run = plant_probes(plant_rerun(bad, good, axis=AXIS), repeat_difference=1.2)
    assert found(run).verdict == "inconclusive"
