"""Wrong labels: flipped ones are found and counted; hard classes and broken models are not wrong labels."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses import all_hypotheses
from analysis.hypotheses.labels.label_errors import HYPOTHESIS
from tests.planting import make_run


def _run(path, hypotheses=(HYPOTHESIS,), **planted):
    made = make_run(path, thumbnails=False, **planted)
    diagnosis = diagnose(made.run, hypotheses=hypotheses)
    return made, diagnosis, next(f for f in diagnosis.findings if f.id == HYPOTHESIS.id)


@pytest.mark.parametrize("flip", [0.04, 0.08])
def test_planted_fault_is_supported_and_the_list_holds_it(tmp_path, flip):
    made, diagnosis, finding = _run(tmp_path, flip=flip)
    listed = diagnosis.evidence["label_errors"]["sample_id"].to_numpy()
    rate = finding.evidence[0].value
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.BOUND)
    assert rate == pytest.approx(flip, abs=0.03)
    assert made.flipped[listed].mean() > 0.8
    assert made.flipped[listed].sum() > 0.4 * made.flipped.sum()
    assert finding.gain.value <= len(listed) / len(made.run) + 1e-9


def test_every_sample_gets_a_quality_and_flipped_ones_a_low_one(tmp_path):
    made, diagnosis, _ = _run(tmp_path, flip=0.05)
    quality, issue = diagnosis.columns["label_quality"], diagnosis.columns["label_issue"]
    assert quality.shape == issue.shape == (800,)
    assert ((quality >= 0) & (quality <= 1)).all()
    assert np.median(quality[made.flipped]) < 0.3
    assert np.median(quality[~made.flipped]) > 0.7


@pytest.mark.parametrize("seed", range(5))
def test_healthy_run_is_not_supported(tmp_path, seed):
    assert _run(tmp_path, seed=seed)[2].verdict is not Verdict.SUPPORTED


def test_healthy_run_is_refuted_with_samples_enough(tmp_path):
    assert _run(tmp_path, per_class=200)[2].verdict is Verdict.REFUTED


def test_a_model_with_hard_classes_has_no_wrong_labels(tmp_path):
    _, diagnosis, finding = _run(tmp_path, noise=1.3, per_class=200)
    assert diagnosis.accuracy.overall < 0.85
    assert finding.verdict is not Verdict.SUPPORTED


def _weaken(weight, bias, is_old, rng):
    weight += rng.normal(size=weight.shape) * 0.6 * np.linalg.norm(weight, axis=1).mean() / np.sqrt(weight.shape[1])


@pytest.mark.parametrize("seed", range(3))
def test_a_weak_head_is_no_reason_to_doubt_the_labels(tmp_path, seed):
    _, diagnosis, finding = _run(tmp_path, noise=1.4, per_class=600, edit_head=_weaken, seed=seed)
    assert diagnosis.accuracy.overall < 0.65
    assert finding.verdict is not Verdict.SUPPORTED


def test_a_weak_head_still_finds_labels_that_are_wrong(tmp_path):
    _, _, finding = _run(tmp_path, noise=0.9, per_class=300, edit_head=_weaken, flip=0.1)
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.evidence[0].value == pytest.approx(0.1, abs=0.04)


def test_too_few_samples_are_inconclusive(tmp_path):
    assert _run(tmp_path, per_class=20, flip=0.1)[2].verdict is Verdict.INCONCLUSIVE


def test_a_broken_model_says_nothing_about_labels(tmp_path):
    _, diagnosis, finding = _run(tmp_path, permute=1.0)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "too often wrong" in finding.summary
    assert "label_quality" not in diagnosis.columns


def test_once_the_model_is_repaired_they_are_found(tmp_path):
    made, diagnosis, finding = _run(tmp_path, hypotheses=all_hypotheses(), permute=1.0, new_bias=10.0, flip=0.06)
    listed = diagnosis.evidence["label_errors"]["sample_id"].to_numpy()
    assert finding.verdict is Verdict.SUPPORTED
    assert made.flipped[listed].mean() > 0.8


def test_without_neighbours_it_is_not_testable(tmp_path):
    assert _run(tmp_path, embeddings=False)[2].verdict is Verdict.NOT_TESTABLE
