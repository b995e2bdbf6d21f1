"""Wrong mean and std: proved by a confirmed re-run, denied by a search that promises nothing."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.preprocessing.preproc_normalization import HYPOTHESIS
from tests.planted_reruns import pair_of_runs, plant_rerun

AXIS = "normalization"


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_with_what_the_variant_reaches(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    run = plant_rerun(bad, good, axis=AXIS, label="as in training", settings={"mean": [0.5], "std": [0.25]})
    finding = found(run)
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert "as in training" in finding.summary
    assert finding.snippet == "[preprocessing]\nmean = [0.5]\nstd = [0.25]"


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
