"""Labels out of step with their pictures: shifted, reversed, shuffled; silent on sorted files and weak models."""

import numpy as np
import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS as SCRAMBLED
from analysis.hypotheses.indexing.index_offset import HYPOTHESIS as OFFSET
from analysis.hypotheses.indexing.rows_misaligned import HYPOTHESIS
from analysis.runs import layout
from analysis.runs.atomic import write_array, write_table
from analysis.runs.run import Run
from analysis.runs.samples import replace_columns
from tests import planting
from tests.planting import make_run

RECORD = planting.record_table


def _diagnose(path, monkeypatch, relabel=None, *, folders=False, **planted):
    def record(logits, label, names, is_old):
        return RECORD(logits, label if relabel is None else relabel(label), names, is_old)

    monkeypatch.setattr(planting, "record_table", record)
    made = make_run(path, thumbnails=False, **planted)
    if not folders:
        order = np.random.default_rng(1).permutation(len(made.run))
        replace_columns(path, {"filepath": np.array([f"images/{i:06d}.png" for i in order], dtype=object)})
    return made, diagnose(Run.open(path), hypotheses=[HYPOTHESIS, OFFSET, SCRAMBLED])


@pytest.mark.parametrize("classes", [10, 200])
@pytest.mark.parametrize("shift", [17, -1])
def test_planted_fault_is_supported_and_undone(tmp_path, monkeypatch, classes, shift):
    made, diagnosis = _diagnose(
        tmp_path, monkeypatch, lambda label: np.roll(label, shift), classes=classes, per_class=800 // classes, dims=64
    )
    first = diagnosis.findings[0]
    assert diagnosis.leading == "rows_misaligned"
    assert first.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)
    assert f"{abs(shift)} row" in first.summary
    assert ("below" if shift > 0 else "above") in first.summary


def test_a_shift_from_some_row_on(tmp_path, monkeypatch):
    def relabel(label):
        return np.r_[label[:600], label[601:], label[600]]

    made, diagnosis = _diagnose(tmp_path, monkeypatch, relabel, per_class=100)
    assert diagnosis.leading == "rows_misaligned"
    assert diagnosis.findings[0].accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.02)
    stretches = diagnosis.tables["rows_misaligned"]["stretches"]
    assert stretches.label_is_rows_below.tolist() == [0, -1]
    assert abs(stretches.first_row[1] - 600) < 20


def test_labels_in_the_order_of_the_sorted_paths(tmp_path, monkeypatch):
    rank = np.argsort(np.argsort([f"images/{i:06d}.png" for i in np.random.default_rng(1).permutation(800)]))

    def relabel(label):
        moved = np.empty_like(label)
        moved[rank] = label  # the label of row r stands where its path stands in the sorted list
        return moved

    made, diagnosis = _diagnose(tmp_path, monkeypatch, relabel)
    assert diagnosis.findings[0].accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)
    assert "sorted by" in diagnosis.findings[0].summary


def _shuffled(label):
    return np.random.default_rng(3).permutation(label)


def test_shuffled_labels_are_a_bound(tmp_path, monkeypatch):
    _, diagnosis = _diagnose(tmp_path, monkeypatch, _shuffled, classes=20, per_class=40, noise=0.5)
    first = diagnosis.findings[0]
    assert (diagnosis.leading, first.lane) == ("rows_misaligned", Lane.BOUND)
    assert first.p > 0


def test_shuffled_labels_are_brought_back_by_the_folders_names(tmp_path, monkeypatch):
    made, diagnosis = _diagnose(tmp_path, monkeypatch, _shuffled, folders=True)
    assert diagnosis.findings[0].accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)


def test_classes_renamed_as_a_whole_are_a_permutation(tmp_path, monkeypatch):
    order = np.random.default_rng(0).permutation(10)
    _, diagnosis = _diagnose(tmp_path, monkeypatch, lambda label: order[label], folders=True)
    assert diagnosis.leading == "index_map_scrambled"


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_is_refuted(tmp_path, monkeypatch, seed, in_order):
    if in_order:
        monkeypatch.setattr(np.random, "default_rng", _unshuffled(np.random.default_rng))
    _, diagnosis = _diagnose(tmp_path, monkeypatch, seed=seed)
    assert {finding.verdict for finding in diagnosis.findings} == {Verdict.REFUTED}


def _unshuffled(make):
    class Generator:
        def __init__(self, seed=None):
            self._rng = make(seed)

        def __getattr__(self, name):
            return getattr(self._rng, name)

        def shuffle(self, values):
            """Samples stay sorted by class."""

    return Generator


def test_a_shift_of_one_class_in_a_sorted_file_is_an_offset(tmp_path, monkeypatch):
    monkeypatch.setattr(np.random, "default_rng", _unshuffled(np.random.default_rng))
    _, diagnosis = _diagnose(tmp_path, monkeypatch, lambda label: np.roll(label, 80))
    assert diagnosis.leading == "index_offset"


@pytest.mark.parametrize(("classes", "per_class"), [(10, 200), (200, 4)])
def test_copies_appended_under_the_next_class_are_not_out_of_step(tmp_path, classes, per_class):
    """In a file sorted by class the label that would be right stands a few rows, or a class' length, further up."""
    made = make_run(tmp_path, thumbnails=False, classes=classes, per_class=per_class, dims=64, noise=0.3)
    label, n = made.run.column("label_index"), len(made.run)
    order = np.argsort(label, kind="stable")
    rows = np.r_[order, order[::5]]
    table = pd.read_parquet(tmp_path / layout.SAMPLES).assign(content_hash=np.arange(n)).iloc[rows]
    table = table.assign(sample_id=np.arange(len(rows)), filepath=[f"{i}.png" for i in range(len(rows))])
    table.loc[table.sample_id >= n, "label_index"] = (label[order[::5]] + 1) % classes
    write_table(tmp_path / layout.SAMPLES, table.assign(correct=table.prediction_index == table.label_index))
    write_array(tmp_path / layout.EMBEDDINGS, np.asarray(made.run.embeddings)[rows])
    found = diagnose(Run.open(tmp_path), hypotheses=[HYPOTHESIS])
    assert found.accuracy.overall < 0.87
    assert found.findings[0].verdict is Verdict.REFUTED


def test_two_stretches_that_each_moved_are_both_put_right(tmp_path, monkeypatch):
    def relabel(label):
        return np.r_[label[:300], np.roll(label[300:500], 1), label[500:700], np.roll(label[700:], -2)]

    made, diagnosis = _diagnose(tmp_path, monkeypatch, relabel, classes=40, per_class=25, dims=64)
    assert diagnosis.leading == "rows_misaligned"
    assert diagnosis.findings[0].accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_a_weak_model_is_not_misaligned(tmp_path, monkeypatch, seed):
    _, diagnosis = _diagnose(tmp_path, monkeypatch, classes=500, per_class=4, noise=3.0, seed=seed)
    assert diagnosis.accuracy.overall < 0.2
    assert diagnosis.findings[0].verdict is Verdict.REFUTED


def test_too_few_samples_are_inconclusive(tmp_path, monkeypatch):
    findings = _diagnose(tmp_path, monkeypatch, per_class=4)[1].findings
    assert {f.id: f.verdict for f in findings}["rows_misaligned"] is Verdict.INCONCLUSIVE
