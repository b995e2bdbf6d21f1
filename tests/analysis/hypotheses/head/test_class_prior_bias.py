"""A prior in the logits is found from training counts; constants, even counts and few images are told from it."""

import re

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.data.val_train_prior_shift import HYPOTHESIS as SHIFT
from analysis.hypotheses.head.class_prior_bias import HYPOTHESIS
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as CONSTANT
from tests.planting import make_run, with_train_counts

COUNTS = np.array([700, 20, 250, 60, 400, 30, 150, 90, 40, 500])


def _run(path, counts=COUNTS, *, leaks=0.0, **planted):
    prior = np.log(COUNTS) - np.log(COUNTS).mean()
    settings = {"per_class": 150, "noise": 1.2, "thumbnails": False, "class_bias": leaks * prior, **planted}
    made = make_run(path, **settings)
    if counts is not None:
        with_train_counts(made.run, counts)
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS, CONSTANT, SHIFT])
    return made, diagnosis, {finding.id: finding for finding in diagnosis.findings}


@pytest.mark.parametrize("old", [0.7, None])
@pytest.mark.parametrize("strength", [1.0, 1.5])
def test_planted_fault_is_found_and_undoing_it_pays(tmp_path, strength, old):
    made, diagnosis, found = _run(tmp_path, leaks=strength, old=old)
    finding = found["class_prior_bias"]
    assert diagnosis.leading == "class_prior_bias"
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.02)
    assert {e.name: e.value for e in finding.evidence}["strength that scores best (τ)"] == pytest.approx(
        strength, abs=0.5
    )
    assert found["logit_group_bias"].verdict is not Verdict.SUPPORTED


def test_what_classes_with_few_images_get_of_it_is_told(tmp_path):
    _, _, found = _run(tmp_path, np.where(COUNTS == 20, 12, COUNTS), leaks=1.5)
    assert found["class_prior_bias"].verdict is Verdict.SUPPORTED
    assert re.search(
        r"accuracy on the 1 with fewer than 20 training images from [\d.]+ % to [\d.]+ %",
        found["class_prior_bias"].summary,
    )


def test_a_constant_is_not_called_a_prior(tmp_path):
    _, diagnosis, found = _run(tmp_path, new_bias=8.0)
    assert diagnosis.leading == "logit_group_bias"
    assert found["class_prior_bias"].verdict is not Verdict.SUPPORTED


def test_a_prior_that_is_old_against_new_is_left_to_the_constant(tmp_path):
    is_old = _run(tmp_path / "plain")[0].run.is_old
    _, diagnosis, _ = _run(tmp_path / "biased", np.where(is_old, 400, 40), new_bias=-6.0)
    assert diagnosis.leading == "logit_group_bias"


@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_is_refuted(tmp_path, seed):
    assert _run(tmp_path, seed=seed)[2]["class_prior_bias"].verdict is Verdict.REFUTED


def test_even_counts_refute_it_exactly(tmp_path):
    finding = _run(tmp_path, np.full(10, 300), leaks=1.0)[2]["class_prior_bias"]
    assert finding.verdict is Verdict.REFUTED
    assert "no imbalance" in finding.summary


def test_classes_with_few_images_alone_are_no_prior(tmp_path):
    few = np.where(np.arange(10) < 2, 5, 300)
    finding = _run(tmp_path, few, class_bias=np.where(few < 8, -4.0, 0.0))[2]["class_prior_bias"]
    assert finding.verdict is Verdict.REFUTED


def test_too_few_samples_are_inconclusive(tmp_path):
    assert _run(tmp_path, leaks=1.0, per_class=10)[2]["class_prior_bias"].verdict is Verdict.INCONCLUSIVE


def test_without_training_counts_it_is_not_testable(tmp_path):
    finding = _run(tmp_path, None)[2]["class_prior_bias"]
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.needs == ("the number of training images of each class",)
