"""Broken pictures are counted; they lead only where they cost accuracy."""

import numpy as np

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.finding import NO_FAULT
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.preprocessing.corrupt_images import HYPOTHESIS
from analysis.runs.run import Run
from analysis.runs.samples import replace_columns
from tests.planting import make_run


def test_planted_fault_is_supported_and_points_at_the_pictures(tmp_path):
    planted = make_run(tmp_path, blank=0.05)
    diagnosis = diagnose(planted.run, hypotheses=[HYPOTHESIS])
    finding = diagnosis.findings[0]

    assert finding.verdict is Verdict.SUPPORTED
    assert finding.lane is Lane.BOUND
    assert 0.03 < finding.gain.value <= 0.05
    assert set(diagnosis.evidence[HYPOTHESIS.id]["sample_id"]) == set(np.flatnonzero(planted.notes["blank"]))


def test_unreadable_pictures_are_a_note_because_they_count_as_no_errors(tmp_path):
    diagnosis = diagnose(make_run(tmp_path, unreadable=30).run, hypotheses=[HYPOTHESIS])

    assert diagnosis.findings[0].verdict is Verdict.SUPPORTED
    assert diagnosis.findings[0].lane is Lane.NOTE
    assert diagnosis.leading == NO_FAULT


def test_a_thumbnail_among_photographs_is_broken_but_a_set_of_small_pictures_is_not(tmp_path):
    run = make_run(tmp_path).run
    side = np.full(len(run), 400)
    side[:20] = 8
    replace_columns(run.path, {"width": side, "height": side})
    assert diagnose(Run.open(run.path), hypotheses=[HYPOTHESIS]).findings[0].verdict is Verdict.SUPPORTED

    replace_columns(run.path, {"width": np.full(len(run), 8), "height": np.full(len(run), 8)})
    assert diagnose(Run.open(run.path), hypotheses=[HYPOTHESIS]).findings[0].verdict is Verdict.REFUTED


def test_healthy_run_is_refuted(tmp_path):
    assert diagnose(make_run(tmp_path).run, hypotheses=[HYPOTHESIS]).findings[0].verdict is Verdict.REFUTED


def test_too_few_pictures_are_inconclusive(tmp_path):
    run = make_run(tmp_path, classes=3, per_class=2, unreadable=3).run
    assert diagnose(run, hypotheses=[HYPOTHESIS]).findings[0].verdict is Verdict.INCONCLUSIVE
