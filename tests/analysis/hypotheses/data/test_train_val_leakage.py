"""Leaked pictures limit what accuracy means; their effect is compared within classes."""

import numpy as np
import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.data.train_val_leakage import HYPOTHESIS, compare
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run
from tests.planting import make_run


def _run(path, leaked=None, **planted):
    run = make_run(path, thumbnails=False, **planted).run
    if leaked is not None:
        rows = np.asarray(leaked(run), dtype=np.int64)
        frame = pd.DataFrame({"sample_id": rows, "filepath": [f"train/{row}.jpg" for row in rows]})
        frame["label"] = run.column("label")[rows]
        frame["kind"], frame["similarity"] = np.where(rows % 2, "exact", "near"), np.float32(0.98)
        write_table(path / layout.LEAKS, frame)
    diagnosis = diagnose(Run.open(path), hypotheses=[HYPOTHESIS])
    return diagnosis, diagnosis.findings[0]


def test_planted_fault_is_supported_and_accuracy_without_them_is_said(tmp_path):
    diagnosis, finding = _run(tmp_path, lambda run: np.flatnonzero(run.column("correct"))[:160], noise=1.4)
    named = {e.name: e.value for e in finding.evidence}
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.VALIDITY)
    assert named["samples that are in the training set"] == 0.2
    assert named["accuracy on clean samples, same mix of classes"] < diagnosis.accuracy.overall - 0.03
    assert "points more often" in finding.summary
    assert sorted(diagnosis.evidence["train_val_leakage"]["sample_id"]) == sorted(
        np.flatnonzero(Run.open(tmp_path).column("correct"))[:160]
    )
    compile(finding.snippet, "snippet", "exec")


def test_leaks_that_were_not_remembered_are_said_to_be_harmless(tmp_path):
    _, finding = _run(tmp_path, lambda run: np.arange(0, len(run), 5))
    assert finding.verdict is Verdict.SUPPORTED
    assert "not answered better" in finding.summary


def test_healthy_run_is_refuted(tmp_path):
    _, finding = _run(tmp_path, lambda run: [])
    assert finding.verdict is Verdict.REFUTED
    assert "None of the 800 validation pictures" in finding.summary


def test_a_handful_of_leaks_in_a_large_set_is_refuted_with_their_number(tmp_path):
    finding = _run(tmp_path, lambda run: [3, 4])[1]
    assert finding.verdict is Verdict.REFUTED
    assert "Only 2 of 800" in finding.summary


def test_too_few_samples_are_inconclusive(tmp_path):
    assert _run(tmp_path, lambda run: [0, 1], per_class=5)[1].verdict is Verdict.INCONCLUSIVE


def test_without_the_training_pictures_it_is_not_testable(tmp_path):
    finding = _run(tmp_path)[1]
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.needs == ("the training set's pictures on this machine",)


def test_the_difference_within_classes_is_not_fooled_by_their_mix():
    """Leaks lie in the easy class; within each class they are answered like the others (counted by hand)."""
    label = np.repeat([0, 1], 100)
    leaked = np.r_[np.arange(100) < 80, np.arange(100) < 10]
    correct = np.r_[np.tile([True] * 9 + [False], 10), np.tile([True] * 5 + [False] * 5, 10)]
    compared = compare(correct, label, leaked)
    assert compared.clean.value == pytest.approx((0.9 + 0.5) / 2)
    assert compared.gap.value == pytest.approx(0.0, abs=1e-9)
    assert compared.gap.low < 0 < compared.gap.high


def test_the_difference_of_one_class_is_the_plain_difference():
    correct = np.r_[np.ones(45), np.zeros(5), np.ones(60), np.zeros(40)].astype(bool)
    compared = compare(correct, np.zeros(150, dtype=np.int64), np.arange(150) < 50)
    half = 1.959964 * np.sqrt(0.9 * 0.1 / 50 + 0.6 * 0.4 / 100)
    assert compared.gap.value == pytest.approx(0.3)
    assert compared.gap.high - compared.gap.value == pytest.approx(half, rel=1e-6)
