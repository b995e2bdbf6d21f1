"""Scrambled outputs: full, partial, hidden under a bias, few samples a class; silent on healthy and on weak models."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS
from tests.planting import make_run


def _run(path, **planted):
    made = make_run(path, thumbnails=False, **planted)
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS])
    return made, diagnosis, diagnosis.findings[0]


@pytest.mark.parametrize("embeddings", [True, False])
def test_planted_fault_is_supported_and_undoing_it_pays(tmp_path, embeddings):
    made, diagnosis, finding = _run(tmp_path, permute=1.0, embeddings=embeddings, head=embeddings)
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)
    assert finding.gain.low <= made.accuracy_healthy - diagnosis.accuracy.overall <= finding.gain.high
    assert "10 of 10 outputs" in finding.summary


def test_a_twentieth_of_the_columns_is_enough(tmp_path):
    made, _, finding = _run(tmp_path, classes=200, per_class=10, dims=64, permute=0.05)
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)
    assert {e.name: e.value for e in finding.evidence}["outputs that both halves move to the same class"] == 10


def test_two_samples_a_class_are_enough_for_a_full_permutation(tmp_path):
    made, _, finding = _run(tmp_path, classes=300, per_class=2, dims=64, noise=0.5, permute=1.0)
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.accuracy_if_fixed > 0.9 * made.accuracy_healthy


def test_rows_copied_by_position_are_called_so(tmp_path):
    old = np.flatnonzero(make_run(tmp_path / "plain").run.is_old)
    order = np.r_[old, np.setdiff1d(np.arange(10), old)]
    _, _, finding = _run(tmp_path / "copied", permute=order)
    assert "copied by position" in finding.summary


@pytest.mark.parametrize("seed", range(5))
def test_healthy_run_is_refuted(tmp_path, seed):
    _, diagnosis, finding = _run(tmp_path, seed=seed)
    assert finding.verdict is Verdict.REFUTED
    assert np.array_equal(diagnosis.repaired_correct, diagnosis.repaired_prediction == _label(tmp_path))


def _label(path):
    from analysis.runs.run import Run

    return Run.open(path).column("label_index")


@pytest.mark.parametrize(("noise", "per_class"), [(3.0, 10), (1.6, 10), (1.6, 2)])
def test_a_weak_model_is_not_scrambled(tmp_path, noise, per_class):
    _, diagnosis, finding = _run(tmp_path, classes=500, per_class=per_class, noise=noise)
    assert diagnosis.accuracy.overall < 0.2
    assert finding.verdict is not Verdict.SUPPORTED


def test_too_few_samples_are_inconclusive(tmp_path):
    assert _run(tmp_path, per_class=10)[2].verdict is Verdict.INCONCLUSIVE


def test_classes_seen_in_one_half_only_are_inconclusive(tmp_path):
    _, _, finding = _run(tmp_path, classes=400, per_class=1, dims=64, permute=1.0)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "both halves" in finding.summary
