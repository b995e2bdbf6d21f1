"""A head with more or fewer outputs than the list has names."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.view import View
from analysis.hypotheses.indexing.head_size_mismatch import HYPOTHESIS, what_if
from tests.planting import make_run


def _finding(path, **planted):
    return diagnose(make_run(path, **planted).run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_and_costs_nothing_where_the_extra_output_never_wins(tmp_path):
    finding = _finding(tmp_path, extra_outputs=1)
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.lane is Lane.NOTE
    assert "11 outputs" in finding.summary


def test_missing_outputs_bound_what_is_lost(tmp_path):
    finding = _finding(tmp_path, missing_outputs=2)
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.BOUND)
    assert finding.gain.value == pytest.approx(0.2)


@pytest.mark.parametrize(("shift", "kept"), [(1, slice(1, 7)), (0, slice(0, 6))])
def test_a_background_output_is_left_out_wherever_it_stands(tmp_path, shift, kept):
    made = make_run(tmp_path, classes=6)
    made.run.meta["classes_in_list"] = 6
    z = np.random.default_rng(0).normal(size=(len(made.run), 7)).astype(np.float32)
    label = made.run.column("label_index")
    z[np.arange(len(z)), label + shift] += 6
    z[:, 0 if shift else 6] += 5
    predictions = Predictions.of_candidates(np.tile(np.arange(7, dtype=np.int32), (len(z), 1)), z, label, 7)
    view = View(run=made.run, predictions=predictions, rows=np.arange(len(z)), second=np.zeros(len(z), bool))
    repaired = what_if(view).apply(predictions)
    assert np.array_equal(repaired.predicted, z[:, kept].argmax(axis=1))
    assert repaired.accuracy > predictions.accuracy + 0.1


def test_healthy_run_is_refuted(tmp_path):
    finding = _finding(tmp_path)
    assert finding.verdict is Verdict.REFUTED
    assert finding.gain.value == 0


def test_too_few_samples_do_not_matter_to_an_exact_count(tmp_path):
    assert _finding(tmp_path, classes=2, per_class=1, extra_outputs=1, old=None).verdict is Verdict.SUPPORTED


def test_nothing_is_repaired_where_nothing_is_wrong(tmp_path):
    made = make_run(tmp_path)
    index, logit = made.run.topk()
    predictions = Predictions.of_candidates(index, logit, made.run.column("label_index"), 10)
    view = View(run=made.run, predictions=predictions, rows=np.arange(800), second=np.zeros(800, bool))
    assert what_if(view) is None
    assert what_if(replace(view, predictions=predictions.at(np.arange(0)), rows=np.arange(0))) is None
