"""Copies under different labels put a ceiling on accuracy; copies under one label and blank pictures do not."""

import numpy as np
import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.labels.conflicting_duplicates import HYPOTHESIS
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run
from tests.planting import make_run


def _run(path, pairs=None, **planted):
    made = make_run(path, thumbnails=False, **planted)
    if pairs is not None:
        first, second = np.array(pairs(made.run), dtype=np.int64).reshape(-1, 2).T
        frame = pd.DataFrame({"sample_id": second, "other": first, "kind": "near", "similarity": np.float32(0.99)})
        write_table(path / layout.DUPLICATES, frame)
    diagnosis = diagnose(Run.open(path), hypotheses=[HYPOTHESIS])
    return diagnosis, diagnosis.findings[0]


def _of_two_classes(count):
    def pairs(run):
        label = run.column("label_index")
        first, second = np.flatnonzero(label == 0), np.flatnonzero(label == 1)
        return np.stack([first[:count], second[:count]], axis=1)

    return pairs


def _of_one_class(run):
    rows = np.flatnonzero(run.column("label_index") == 0)
    return np.stack([rows[:20], rows[20:40]], axis=1)


def test_planted_fault_is_supported_and_the_ceiling_is_exact(tmp_path):
    diagnosis, finding = _run(tmp_path, _of_two_classes(40))
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.BOUND)
    assert finding.gain.low == finding.gain.value == pytest.approx(40 / 800)
    assert {e.name: e.value for e in finding.evidence}["best accuracy that any model can have"] == 0.95
    assert "no model can score more than 95.0 %" in finding.summary
    assert len(diagnosis.evidence["conflicting_duplicates"]) == 80
    assert len(diagnosis.tables["conflicting_duplicates"]["pairs"]) == 40
    compile(finding.snippet, "snippet", "exec")


def test_the_commonest_label_of_a_picture_can_be_right(tmp_path):
    def three_against_one(run):
        label = run.column("label_index")
        a, b = np.flatnonzero(label == 0), np.flatnonzero(label == 1)
        return [
            pair for g in range(10) for pair in ((a[3 * g], a[3 * g + 1]), (a[3 * g], a[3 * g + 2]), (a[3 * g], b[g]))
        ]

    diagnosis, finding = _run(tmp_path, three_against_one)
    assert finding.gain.value == pytest.approx(10 / 800)
    score = diagnosis.evidence["conflicting_duplicates"].groupby("label")["score"].max()
    assert score["class 000"] == pytest.approx(0.25)
    assert score["class 001"] == pytest.approx(0.75)


def test_healthy_run_is_refuted(tmp_path):
    _, finding = _run(tmp_path, lambda run: [])
    assert finding.verdict is Verdict.REFUTED
    assert "None of the 800 pictures is in the set twice" in finding.summary


def test_copies_under_one_label_are_no_conflict(tmp_path):
    _, finding = _run(tmp_path, _of_one_class)
    assert finding.verdict is Verdict.REFUTED
    assert "all copies of a picture carry the same label" in finding.summary


def test_a_single_conflict_in_a_large_set_is_not_worth_a_finding(tmp_path):
    assert _run(tmp_path, _of_two_classes(1))[1].verdict is Verdict.REFUTED


def test_too_few_samples_are_inconclusive(tmp_path):
    assert _run(tmp_path, _of_two_classes(2), per_class=4)[1].verdict is Verdict.INCONCLUSIVE


def test_without_the_search_it_is_not_testable(tmp_path):
    finding = _run(tmp_path)[1]
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.needs == ("the search for duplicates",)
