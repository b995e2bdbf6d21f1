"""Swapped channels: proved by a confirmed re-run, also beneath a head fault."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as GROUP_BIAS
from analysis.hypotheses.preprocessing.preproc_channel_order import HYPOTHESIS
from tests.planted_reruns import pair_of_runs, plant_rerun

AXIS = "channels"


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_with_what_the_variant_reaches(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    run = plant_rerun(bad, good, axis=AXIS, label="as in training", settings={"channels": "rgb"})
    finding = found(run)
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert "as in training" in finding.summary
    assert finding.snippet == '[preprocessing]\nchannels = "rgb"'


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


def test_the_variant_is_found_beneath_a_head_fault(tmp_path):
    bad, good = pair_of_runs(tmp_path, new_bias=8.0, old=0.6)
    findings = diagnose(plant_rerun(bad, good, axis=AXIS), hypotheses=[HYPOTHESIS, GROUP_BIAS]).findings
    assert {one.id for one in findings if one.verdict == "supported"} == {"preproc_channel_order", "logit_group_bias"}
