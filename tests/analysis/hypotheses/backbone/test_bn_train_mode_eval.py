"""Training mode: the same pictures in other company get other answers."""

import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.backbone.bn_train_mode_eval import HYPOTHESIS
from analysis.hypotheses.backbone.stochastic_inference import HYPOTHESIS as STOCHASTIC
from tests.planted_network import plant_probes
from tests.planted_reruns import pair_of_runs, plant_rerun

AXIS = "evaluation"


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_with_what_evaluation_reaches(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    finding = found(plant_probes(plant_rerun(bad, good, axis=AXIS), composition_difference=0.4))
    assert finding.verdict == "supported"
    assert finding.lane == "gain"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())


def test_healthy_run_is_refuted_by_the_same_answers_in_other_batches(tmp_path):
    _, good = pair_of_runs(tmp_path)
    finding = found(plant_probes(good))
    assert finding.verdict == "refuted"
    assert "64 pictures" in finding.summary


def test_training_mode_that_costs_nothing_limits_the_numbers_only(tmp_path):
    _, good = pair_of_runs(tmp_path)
    finding = found(plant_probes(plant_rerun(good, good, axis=AXIS), composition_difference=0.05))
    assert (finding.verdict, finding.lane) == ("supported", "validity")


def test_dropout_of_the_same_training_mode_is_undone_with_it(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    run = plant_rerun(plant_rerun(bad, good, axis=AXIS, variant="eval"), good, axis="randomness", variant="still")
    run = plant_probes(run, composition_difference=0.4, repeat_difference=0.3)
    findings = {f.id: f for f in diagnose(run, hypotheses=[STOCHASTIC, HYPOTHESIS]).findings}
    assert findings["bn_train_mode_eval"].rank == 1
    assert findings["stochastic_inference"].verdict == "refuted"


def test_without_a_probe_nothing_is_said(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    assert found(bad).verdict == "not_testable"
    run = plant_rerun(bad, good, axis="normalization")
    assert found(run).verdict == "inconclusive"
    failed = plant_probes(run, composition_difference=None, failed="out of memory")
    assert "out of memory" in found(failed).summary


def test_few_samples_are_undecided(tmp_path):
    bad, good = pair_of_runs(tmp_path, per_class=3)
    finding = found(plant_probes(plant_rerun(bad, good, axis=AXIS), composition_difference=0.4))
    assert finding.verdict == "inconclusive"
