"""Frozen weights whose BatchNorm statistics moved: exact from the weights, gain from a re-run."""

import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.backbone.frozen_bn_drift import HYPOTHESIS
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run
from tests.planted_network import plant_probes
from tests.planted_reruns import pair_of_runs, plant_rerun
from tests.planted_weights import tensor_row

AXIS = "old_buffers"


def weigh(run, *, weight="identical", moved=0.6):
    rows = [
        tensor_row("conv.weight", status=weight, cosine=1.0, change=0.0 if weight == "identical" else 0.1),
        tensor_row("bn.running_mean", kind="running_mean", status="related", cosine=0.9, change=moved, decisive=False),
        tensor_row("bn.running_var", kind="running_var", status="related", cosine=0.9, change=moved, decisive=False),
        tensor_row("head.weight", is_head=True, status="related", cosine=0.5, change=1.0),
    ]
    write_table(run.path / layout.WEIGHTS, pd.DataFrame(rows))
    return plant_probes(Run.open(run.path))


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_with_what_the_old_statistics_reach(tmp_path):
    bad, good = pair_of_runs(tmp_path, baseline=True)
    finding = found(weigh(plant_rerun(bad, good, axis=AXIS)))
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert "running_var" in finding.snippet


def test_healthy_run_with_trained_weights_or_unmoved_statistics_is_refuted(tmp_path):
    _, good = pair_of_runs(tmp_path, baseline=True)
    assert "not frozen" in found(weigh(good, weight="related")).summary
    finding = found(weigh(good, moved=0.0))
    assert finding.verdict == "refuted"
    assert "None of 2 BatchNorm statistics" in finding.summary


def test_moved_statistics_that_cost_nothing_are_refuted(tmp_path):
    _, good = pair_of_runs(tmp_path, baseline=True)
    assert found(weigh(plant_rerun(good, good, axis=AXIS))).verdict == "refuted"


def test_few_samples_are_undecided_and_no_baseline_not_testable(tmp_path):
    bad, good = pair_of_runs(tmp_path, per_class=6, baseline=True)
    assert found(weigh(plant_rerun(bad, good, axis=AXIS))).verdict == "inconclusive"
    _, alone = pair_of_runs(tmp_path / "alone")
    assert found(weigh(alone)).verdict == "not_testable"
