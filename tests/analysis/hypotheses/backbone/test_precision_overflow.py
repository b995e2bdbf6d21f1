"""Half formats: ties, overflow and answers that float32 changes."""

import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.backbone.precision_overflow import HYPOTHESIS
from tests.planted_network import plant_probes
from tests.planted_reruns import pair_of_runs, plant_rerun

AXIS = "precision"
COARSE = {"tie_rate": 0.4, "bf16_exact": 1.0, "resolution": 2.0, "fp32_flips": 0.3, "precision": "bf16"}


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_with_what_float32_reaches(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    finding = found(plant_probes(plant_rerun(bad, good, axis=AXIS), **COARSE))
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert "whose steps are 2" in finding.summary


def test_healthy_run_has_no_ties_and_is_refuted(tmp_path):
    _, good = pair_of_runs(tmp_path)
    assert found(plant_probes(good)).verdict == "refuted"


def test_half_format_that_changes_no_accuracy_is_refuted(tmp_path):
    _, good = pair_of_runs(tmp_path)
    run = plant_probes(plant_rerun(good, good, axis=AXIS), fp32_flips=0.02, precision="bf16")
    assert found(run).verdict == "refuted"


def test_ties_that_cost_nothing_limit_the_numbers_only(tmp_path):
    _, good = pair_of_runs(tmp_path)
    finding = found(plant_probes(plant_rerun(good, good, axis=AXIS), **COARSE))
    assert (finding.verdict, finding.lane) == ("supported", "validity")


def test_coarse_logits_that_cannot_be_asked_again_are_undecided(tmp_path):
    _, good = pair_of_runs(tmp_path)
    finding = found(plant_probes(good, **COARSE | {"failed": "the pictures are gone"}))
    assert finding.verdict == "inconclusive"


def test_few_samples_are_undecided_and_no_reruns_not_testable(tmp_path):
    bad, good = pair_of_runs(tmp_path, per_class=6)
    assert found(bad).verdict == "not_testable"
    assert found(plant_probes(plant_rerun(bad, good, axis=AXIS), **COARSE)).verdict == "inconclusive"
