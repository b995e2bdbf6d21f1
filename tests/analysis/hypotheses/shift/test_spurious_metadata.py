"""Predictions that follow a background are found; a value that harms every class, and chance, are not taken for it."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.shift import metadata_slice
from analysis.hypotheses.shift.spurious_metadata import HYPOTHESIS
from tests.planting import make_run

BOTH = (HYPOTHESIS, metadata_slice.HYPOTHESIS)


def _run(path, *, follows=True, degraded=False, hypotheses=BOTH, per_class=150, seed=0, **planted):
    """Odd classes were trained on water: their rows like it, so odd classes gain on water and even ones lose."""
    base = {"classes": 10, "per_class": per_class, "noise": 0.8, "thumbnails": False, "seed": seed, **planted}
    n = 10 * per_class
    water = np.random.default_rng(seed).random(n) < 0.5
    like = 0.7 * base.get("scale", 6.0) * _direction(seed)

    def edit_head(weight, bias, is_old, rng):
        weight[1::2] += like.astype(np.float32)
        weight[::2] -= like.astype(np.float32)
        bias[1::2] -= 0.7 * 0.35 * 6
        bias[::2] += 0.7 * 0.35 * 6

    made = make_run(
        path,
        metadata={"ground": np.where(water, "water", "land").tolist()},
        shortcut=water if follows else None,
        edit_head=edit_head if follows else None,
        degraded=water if degraded else None,
        old=None,
        **base,
    )
    diagnosis = diagnose(made.run, hypotheses=hypotheses)
    return made, diagnosis, {finding.id: finding for finding in diagnosis.findings}, water


def _direction(seed, dims=32):
    both = np.random.default_rng([seed, 1]).normal(size=(2, dims))
    return both[1] / np.linalg.norm(both[1])


def test_planted_fault_is_supported_and_its_samples_are_listed(tmp_path):
    made, diagnosis, findings, water = _run(tmp_path)
    odd = made.run.column("label_index") % 2 == 1
    listed = diagnosis.evidence["spurious_metadata"]["sample_id"].to_numpy()
    against = water != odd
    finding = findings["spurious_metadata"]
    wrong = ~made.run.column("correct")
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.BOUND)
    assert against[listed].mean() > 0.9
    assert against[listed].sum() > 0.9 * against.sum()
    gap = diagnosis.tables["spurious_metadata"]["columns"].iloc[0]["gap"]
    assert gap == pytest.approx(wrong[against].mean() - wrong[~against].mean(), abs=0.06)
    assert findings["metadata_slice"].verdict is not Verdict.SUPPORTED


def test_a_value_that_harms_every_class_is_a_slice(tmp_path):
    findings = _run(tmp_path, follows=False, degraded=True)[2]
    assert findings["metadata_slice"].verdict is Verdict.SUPPORTED
    assert findings["spurious_metadata"].verdict is Verdict.REFUTED


@pytest.mark.parametrize("seed", range(4))
def test_healthy_run_is_refuted(tmp_path, seed):
    findings = _run(tmp_path, follows=False, hypotheses=(HYPOTHESIS,), seed=seed)[2]
    assert findings["spurious_metadata"].verdict is Verdict.REFUTED


def test_too_few_samples_are_inconclusive(tmp_path):
    findings = _run(tmp_path, per_class=15, hypotheses=(HYPOTHESIS,))[2]
    assert findings["spurious_metadata"].verdict is Verdict.INCONCLUSIVE


def test_without_metadata_it_is_not_testable(tmp_path):
    run = make_run(tmp_path, thumbnails=False).run
    assert diagnose(run, hypotheses=[HYPOTHESIS]).findings[0].verdict is Verdict.NOT_TESTABLE
