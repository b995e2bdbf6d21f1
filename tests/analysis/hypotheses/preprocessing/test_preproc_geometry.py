"""Wrong size or crop: proved by a confirmed re-run; what a larger input gains anyway is no fault."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.preprocessing.preproc_geometry import HYPOTHESIS
from tests.planted_reruns import pair_of_runs, plant_rerun

AXIS = "geometry"


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_with_what_the_variant_reaches(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    run = plant_rerun(bad, good, axis=AXIS, label="as in training", settings={"input_size": [224, 224]})
    finding = found(run)
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert "as in training" in finding.summary
    assert finding.snippet == "[preprocessing]\ninput_size = [224, 224]"


def test_healthy_run_whose_search_promises_nothing_is_refuted(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    finding = found(plant_rerun(good, bad, axis=AXIS, rows=np.arange(60), label="worse"))
    assert finding.verdict == "refuted"
    assert '"worse"' in finding.summary


def test_a_promise_that_was_not_confirmed_is_undecided(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    finding = found(plant_rerun(bad, good, axis=AXIS, rows=np.arange(60), promises=True))
    assert finding.verdict == "inconclusive"
    assert "--skip confirmation" in finding.summary


def test_few_samples_are_undecided_and_no_reruns_not_testable(tmp_path):
    bad, good = pair_of_runs(tmp_path, per_class=6)
    assert found(bad).verdict == "not_testable"
    assert found(plant_rerun(bad, good, axis=AXIS)).verdict == "inconclusive"


def test_what_a_larger_input_gains_in_healthy_networks_is_no_fault(tmp_path):
    now, larger = pair_of_runs(tmp_path, noise=0.86)
    gain = larger.column("correct").mean() - now.column("correct").mean()
    assert 0.02 < gain < 0.05
    assert found(plant_rerun(now, larger, axis=AXIS, worth=0.05)).verdict == "refuted"
    now, larger = pair_of_runs(tmp_path / "again", noise=0.86)
    assert found(plant_rerun(now, larger, axis=AXIS, worth=0.02)).verdict != "refuted"
