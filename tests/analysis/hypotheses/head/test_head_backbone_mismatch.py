"""A head of other features is found and fitted anew; scrambled, biased, fresh and weak heads are something else."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.head.head_backbone_mismatch import HYPOTHESIS
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as CONSTANT
from analysis.hypotheses.head.new_head_untrained import HYPOTHESIS as UNTRAINED
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS as SCRAMBLED
from tests.planting import make_run


def _foreign(weight, bias, is_old, rng):
    """The rows of a head whose network numbers its features differently."""
    weight[:] = weight[:, rng.permutation(weight.shape[1])]


def _fresh(weight, bias, is_old, rng):
    weight[:] = rng.uniform(-1, 1, size=weight.shape) / np.sqrt(weight.shape[1])


def _run(path, **planted):
    made = make_run(path, **{"thumbnails": False, "classes": 20, "per_class": 60, "dims": 128, **planted})
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS, CONSTANT, SCRAMBLED])
    return made, diagnosis, {finding.id: finding for finding in diagnosis.findings}


@pytest.mark.parametrize("classes", [20, 200])
def test_planted_fault_is_supported_and_a_new_head_pays(tmp_path, classes):
    made, diagnosis, found = _run(tmp_path, classes=classes, per_class=1200 // classes, edit_head=_foreign)
    finding = found["head_backbone_mismatch"]
    assert diagnosis.leading == finding.id
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.1 if classes > 20 else 0.02)
    assert diagnosis.repaired_correct.mean() == pytest.approx(finding.accuracy_if_fixed)


@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_is_refuted(tmp_path, seed):
    finding = _run(tmp_path, seed=seed)[2]["head_backbone_mismatch"]
    assert finding.verdict is Verdict.REFUTED
    assert "reads this backbone's features" in finding.summary


@pytest.mark.parametrize("planted", [{"permute": 1.0}, {"permute": 1.0, "new_bias": 9.0}, {"edit_head": _fresh}])
def test_a_scrambled_or_fresh_head_is_not_a_foreign_one(tmp_path, planted):
    finding = _run(tmp_path, **planted)[2]["head_backbone_mismatch"]
    assert finding.verdict is Verdict.REFUTED


def test_a_weak_model_is_not_foreign(tmp_path):
    _, diagnosis, found = _run(tmp_path, noise=8.0)
    assert diagnosis.accuracy.overall < 0.2
    assert found["head_backbone_mismatch"].verdict is Verdict.REFUTED


def test_a_permutation_of_many_classes_with_few_samples_is_not_foreign(tmp_path):
    _, diagnosis, _ = _run(tmp_path, classes=300, per_class=6, permute=1.0)
    assert diagnosis.leading == "index_map_scrambled"


def test_too_few_samples_are_inconclusive(tmp_path):
    finding = _run(tmp_path, per_class=3, classes=100, edit_head=_foreign)[2]["head_backbone_mismatch"]
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "needed" in finding.summary


def test_without_embeddings_it_is_not_testable(tmp_path):
    assert _run(tmp_path, embeddings=False)[2]["head_backbone_mismatch"].verdict is Verdict.NOT_TESTABLE


def test_rows_that_merely_look_like_noise_are_a_foreign_head(tmp_path):
    """Under a rotation entries look drawn from a normal law, but from none that heads are drawn from."""

    def rotated(weight, bias, is_old, rng):
        weight[:] = weight @ np.linalg.qr(rng.normal(size=(weight.shape[1], weight.shape[1])))[0]

    _, _, found = _run(tmp_path, edit_head=rotated, noise=1.4, dims=96, classes=10, per_class=120)
    assert found["head_backbone_mismatch"].verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("alike", [2, 5])
def test_rows_with_the_very_length_of_drawn_ones_are_a_foreign_head_where_the_others_point_nowhere_too(tmp_path, alike):
    def rotated(weight, bias, is_old, rng):
        weight[:] = weight @ np.linalg.qr(rng.normal(size=(weight.shape[1], weight.shape[1])))[0]
        some = np.flatnonzero(~is_old)[:alike]
        weight[some] *= np.sqrt(2) / np.linalg.norm(weight[some], axis=1, keepdims=True)  # as by He's law

    planted = {"edit_head": rotated, "noise": 1.4, "dims": 512, "classes": 20, "per_class": 60, "thumbnails": False}
    made = make_run(tmp_path, **planted)
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS, CONSTANT, SCRAMBLED, UNTRAINED])
    found = {finding.id: finding for finding in diagnosis.findings}
    assert diagnosis.leading == "head_backbone_mismatch"
    assert found["new_head_untrained"].verdict is Verdict.REFUTED
