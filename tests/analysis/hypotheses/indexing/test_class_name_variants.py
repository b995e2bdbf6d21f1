"""One name in two spellings: with samples that get mixed up, with samples that are told apart, without samples."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.indexing.class_name_variants import HYPOTHESIS, spellings
from analysis.hypotheses.indexing.duplicate_class_columns import HYPOTHESIS as DUPLICATES
from tests import planting
from tests.planting import make_run

RECORD = planting.record_table
NAMES = ["Rosa canina", "rosa_canina", "oak", "elm", "ash", "fir", "yew", "box", "bay", "fig"]


def _diagnose(path, monkeypatch=None, **planted):
    def record(logits, label, names, is_old):
        rng = np.random.default_rng(0)
        logits, label = logits.copy(), label.copy()
        here = label < 2
        label[here] = rng.integers(0, 2, size=here.sum())
        logits[:, :2] = logits[:, :2].max(axis=1, keepdims=True) + rng.normal(size=(len(label), 2)) * 0.3
        return RECORD(logits, label, names, is_old)

    if monkeypatch is not None:
        monkeypatch.setattr(planting, "record_table", record)
    made = make_run(path, thumbnails=False, class_names=list(NAMES), **planted)
    return made, diagnose(made.run, hypotheses=[DUPLICATES, HYPOTHESIS])


def test_planted_fault_is_named_before_duplicates_found_by_data(tmp_path, monkeypatch):
    made, diagnosis = _diagnose(tmp_path, monkeypatch)
    first = diagnosis.findings[0]
    assert diagnosis.leading == "class_name_variants"
    assert first.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)
    assert "“Rosa canina” and “rosa_canina”" in first.summary


def test_spellings_that_the_model_tells_apart_are_a_note(tmp_path):
    _, diagnosis = _diagnose(tmp_path)
    finding = {f.id: f for f in diagnosis.findings}["class_name_variants"]
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.NOTE)
    assert diagnosis.leading == "no_fault"


def test_too_few_samples_do_not_matter_to_an_exact_count(tmp_path):
    assert _diagnose(tmp_path, per_class=1)[1].findings[0].verdict is Verdict.SUPPORTED


def test_healthy_run_is_refuted(tmp_path):
    made = make_run(tmp_path, thumbnails=False)
    assert diagnose(made.run, hypotheses=[HYPOTHESIS]).findings[0].verdict is Verdict.REFUTED


def test_every_later_spelling_is_paired_with_the_first():
    assert spellings(["a", "A", "b", " a"]).tolist() == [[0, 1], [0, 3]]
    assert spellings(["a", "b"]).shape == (0, 2)
