"""Logged accuracies that are another number, that were right before the fault, and logs without any."""

import numpy as np
import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS as SCRAMBLED
from analysis.hypotheses.indexing.metric_artifact import HYPOTHESIS
from tests.planting import make_run


def _finding(path, logged, **planted):
    made = make_run(path, thumbnails=False, noise=1.5, **planted)
    accuracy = float(made.run.column("correct").mean())
    log = None if logged is None else pd.DataFrame(logged(made, accuracy))
    made.run.__dict__["training_log"] = log
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS, SCRAMBLED])
    return {f.id: f for f in diagnosis.findings}["metric_artifact"]


def _log(*values):
    return {"line": np.arange(2, 2 + len(values)), "epoch": np.arange(len(values)), "val_accuracy": values}


def test_planted_fault_is_named_with_the_metric_it_really_is(tmp_path):
    finding = _finding(tmp_path, lambda made, _: _log(0.1, float((made.run.column("label_rank") < 5).mean())))
    assert finding.verdict is Verdict.SUPPORTED
    assert "top-5 accuracy" in finding.summary
    assert "line 3" in finding.summary


def test_an_accuracy_nobody_can_reproduce_is_said_so(tmp_path):
    finding = _finding(tmp_path, lambda _, accuracy: _log(accuracy - 0.3, accuracy - 0.2137))
    assert finding.verdict is Verdict.SUPPORTED
    assert "no other usual metric" in finding.summary


@pytest.mark.parametrize("last", [0.0, -0.4])
def test_healthy_run_is_refuted_by_the_last_or_the_best_value(tmp_path, last):
    finding = _finding(tmp_path, lambda _, accuracy: _log(0.1, accuracy + 0.001, accuracy + last))
    assert finding.verdict is Verdict.REFUTED


def test_a_log_from_before_the_fault_is_right(tmp_path):
    finding = _finding(tmp_path, lambda made, _: _log(0.2, made.accuracy_healthy), permute=1.0)
    assert finding.verdict is Verdict.REFUTED
    assert "the fault came after it" in finding.summary


def test_too_few_samples_are_inconclusive(tmp_path):
    finding = _finding(tmp_path, lambda _, accuracy: _log(accuracy), per_class=4)
    assert finding.verdict in (Verdict.INCONCLUSIVE, Verdict.REFUTED)


@pytest.mark.parametrize("logged", [{"line": [1], "loss": [0.5]}, {"line": [1], "val_accuracy": [np.nan]}])
def test_a_log_without_accuracy_is_inconclusive(tmp_path, logged):
    assert _finding(tmp_path, lambda *_: logged).verdict is Verdict.INCONCLUSIVE


def test_without_a_log_it_is_not_testable(tmp_path):
    assert _finding(tmp_path, None).verdict is Verdict.NOT_TESTABLE
