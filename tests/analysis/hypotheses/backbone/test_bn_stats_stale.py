"""Stale BatchNorm statistics: proved by a confirmed estimate, denied by layers whose statistics fit."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.backbone.bn_stats_stale import HYPOTHESIS
from analysis.hypotheses.preprocessing.preproc_normalization import HYPOTHESIS as NORMALIZATION
from tests.planted_network import plant_layers, plant_probes
from tests.planted_reruns import pair_of_runs, plant_rerun

AXIS = "batch_norm"
ANEW = {"network": {"axis": AXIS, "prior": 0}}


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_with_what_the_estimate_reaches(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    run = plant_layers(plant_rerun(bad, good, axis=AXIS, settings=ANEW), untouched=True, var_distance=2.0)
    finding = found(run)
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert "4 of 4 layers still hold 0 and 1" in finding.summary
    assert "reset_running_stats" in finding.snippet
    assert len(diagnose(run, hypotheses=[HYPOTHESIS]).tables["bn_stats_stale"]["layers"]) == 4


def test_healthy_run_is_refuted_whatever_few_pictures_say(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    finding = found(plant_layers(plant_rerun(good, bad, axis=AXIS, rows=np.arange(30))))
    assert finding.verdict == "refuted"
    assert "statistics fit" in finding.summary


def test_far_statistics_whose_estimate_gains_nothing_are_refuted(tmp_path):
    _, good = pair_of_runs(tmp_path)
    finding = found(plant_layers(plant_rerun(good, good, axis=AXIS, settings=ANEW), var_distance=2.0))
    assert finding.verdict == "refuted"


def test_a_first_layer_alone_is_the_pictures_fault(tmp_path):
    _, good = pair_of_runs(tmp_path)
    run = plant_probes(plant_layers(good, var_distance=[6.0, 0.1, 0.1, 0.1], mean_distance=[900.0, 0.0, 0.0, 0.0]))
    assert found(run).verdict == "refuted"


def test_a_normalization_that_gains_as_much_goes_first(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    run = plant_layers(plant_rerun(bad, good, axis=AXIS, variant="anew"), var_distance=[5.0, 0.1, 0.1, 0.1])
    run = plant_rerun(run, good, axis="normalization", variant="mean", settings={"mean": [0.5]})
    findings = {f.id: f for f in diagnose(run, hypotheses=[HYPOTHESIS, NORMALIZATION]).findings}
    assert findings["preproc_normalization"].rank == 1
    assert findings["bn_stats_stale"].verdict != "supported"


def test_statistics_of_other_pictures_are_no_other_normalization(tmp_path):
    """Pictures made to look like those give back most of it; statistics of the pictures give back all."""
    bad, good = pair_of_runs(tmp_path)
    most = np.flatnonzero(np.arange(len(good)) % 3 > 0)
    run = plant_layers(plant_rerun(bad, good, axis=AXIS, variant="anew"), var_distance=[0.3, 0.25, 0.2, 0.2])
    run = plant_rerun(run, good, axis="normalization", variant="mean", only=most)
    diagnosis = diagnose(run, hypotheses=[HYPOTHESIS, NORMALIZATION])
    assert diagnosis.leading == "bn_stats_stale"


def test_no_batchnorm_is_refuted_and_few_samples_and_no_reruns_are_said(tmp_path):
    bad, good = pair_of_runs(tmp_path, per_class=6)
    assert found(bad).verdict == "not_testable"
    run = plant_rerun(bad, good, axis=AXIS)
    assert found(plant_layers(run, var_distance=2.0)).verdict == "inconclusive"
    _, other = pair_of_runs(tmp_path / "other")
    assert "no BatchNorm" in found(plant_layers(plant_probes(other), layers=0)).summary
