"""One concept under two names, by name and by data alone; look-alikes and weak models stay two."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.diagnosis.twin_classes import merged, mixing_of, mutual_pairs, probe
from analysis.hypotheses.indexing.class_name_variants import HYPOTHESIS as VARIANTS
from analysis.hypotheses.indexing.duplicate_class_columns import HYPOTHESIS, pairs_by_name
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS as SCRAMBLED
from tests import planting
from tests.planting import make_run

RECORD = planting.record_table


def _twins(path, monkeypatch, *, twins, apart=0.0, names=None, **planted):
    """Classes 2k and 2k+1 are one: equal logits but for noise, labels by coin; `apart` logits tell them apart."""

    def record(logits, label, class_names, is_old):
        rng = np.random.default_rng(0)
        logits, label = logits.copy(), label.copy()
        for a in range(0, 2 * twins, 2):
            here = (label == a) | (label == a + 1)
            label[here] = a + rng.integers(0, 2, size=here.sum())
            both = logits[:, a : a + 2].max(axis=1)
            logits[:, a : a + 2] = both[:, None] + rng.normal(size=(len(both), 2)) * 0.3
            logits[np.flatnonzero(here), label[here]] += apart
        return RECORD(logits, label, class_names, is_old)

    monkeypatch.setattr(planting, "record_table", record)
    made = make_run(path, thumbnails=False, class_names=names, **planted)
    return made, diagnose(made.run, hypotheses=[HYPOTHESIS, VARIANTS, SCRAMBLED])


def _numbered(classes, twins):
    names = [f"kind {chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(classes)]
    for k in range(twins):
        names[2 * k + 1] = f"{names[2 * k]}_2"
    return names


@pytest.mark.parametrize("by_name", [True, False])
def test_planted_fault_is_supported_and_merging_pays(tmp_path, monkeypatch, by_name):
    names = _numbered(60, 6) if by_name else None
    made, diagnosis = _twins(tmp_path, monkeypatch, twins=6, names=names, classes=60, per_class=30, dims=64, noise=0.5)
    first = diagnosis.findings[0]
    assert diagnosis.leading == "duplicate_class_columns"
    assert first.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)
    assert len(diagnosis.tables["duplicate_class_columns"]["pairs"]) == 6
    assert "twins = {" in first.snippet


def test_few_samples_a_class_are_enough_for_pairs_by_name(tmp_path, monkeypatch):
    made, diagnosis = _twins(
        tmp_path, monkeypatch, twins=10, names=_numbered(100, 10), classes=100, per_class=8, dims=64, noise=0.5
    )
    assert diagnosis.leading == "duplicate_class_columns"
    assert diagnosis.findings[0].accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.02)


@pytest.mark.parametrize("by_name", [True, False])
def test_classes_that_are_alike_but_told_apart_stay_two(tmp_path, monkeypatch, by_name):
    names = _numbered(60, 6) if by_name else None
    _, diagnosis = _twins(
        tmp_path, monkeypatch, twins=6, apart=0.45, names=names, classes=60, per_class=30, dims=64, noise=0.5
    )
    assert diagnosis.leading == "no_fault"


def test_two_alike_classes_of_a_weak_model_stay_two(tmp_path, monkeypatch):
    """Right in six of ten cases, but the logits lean to the right one."""
    _, diagnosis = _twins(tmp_path, monkeypatch, twins=1, apart=0.12, classes=10, per_class=150, dims=64, noise=0.5)
    assert diagnosis.leading == "no_fault"


def test_a_pair_that_is_alike_does_not_hide_one_that_is_the_same(tmp_path, monkeypatch):
    """Classes 0 and 1 are one; 2 and 3 are alike, and right in seven of ten cases."""

    def record(logits, label, class_names, is_old):
        rng = np.random.default_rng(0)
        logits, label = logits.copy(), label.copy()
        for a, apart in ((0, 0.0), (2, 0.2)):
            here = (label == a) | (label == a + 1)
            label[here] = a + rng.integers(0, 2, size=here.sum())
            logits[:, a : a + 2] = logits[:, a : a + 2].max(axis=1)[:, None] + rng.normal(size=(len(label), 2)) * 0.3
            logits[np.flatnonzero(here), label[here]] += apart
        return RECORD(logits, label, class_names, is_old)

    monkeypatch.setattr(planting, "record_table", record)
    made = make_run(tmp_path, thumbnails=False, classes=10, per_class=150, dims=64, noise=0.5, embeddings=False)
    found = diagnose(made.run, hypotheses=[HYPOTHESIS])
    assert found.leading == HYPOTHESIS.id
    assert found.tables[HYPOTHESIS.id]["pairs"][["class", "twin"]].to_numpy().tolist() == [["class 000", "class 001"]]


@pytest.mark.parametrize("seed", range(5))
def test_healthy_run_is_refuted(tmp_path, monkeypatch, seed):
    _, diagnosis = _twins(tmp_path, monkeypatch, twins=0, names=_numbered(10, 2), seed=seed)
    assert {finding.verdict for finding in diagnosis.findings} == {Verdict.REFUTED}


@pytest.mark.parametrize(("classes", "per_class", "noise"), [(10, 80, 2.5), (100, 40, 3.0), (500, 6, 1.6)])
def test_a_weak_model_has_no_duplicates(tmp_path, monkeypatch, classes, per_class, noise):
    _, diagnosis = _twins(tmp_path, monkeypatch, twins=0, classes=classes, per_class=per_class, noise=noise)
    assert diagnosis.accuracy.overall < 0.45
    assert diagnosis.leading == "no_fault"


def test_too_few_samples_are_inconclusive(tmp_path, monkeypatch):
    names = _numbered(30, 1)
    _, diagnosis = _twins(tmp_path, monkeypatch, twins=1, names=names, classes=30, per_class=6, noise=0.5)
    assert {f.id: f.verdict for f in diagnosis.findings}["duplicate_class_columns"] is not Verdict.SUPPORTED


def test_pairs_by_name():
    assert pairs_by_name(["rose", "rose_2", "Rose", "tulip-3", "oak_1", "oak_2"]).tolist() == [[0, 1], [0, 2], [1, 2]]
    assert pairs_by_name([f"class_{i}" for i in range(9)]).tolist() == []


def test_counting_by_hand():
    label = np.array([0, 0, 0, 1, 1, 2])
    predicted = np.array([0, 1, 2, 0, 1, -1])
    (mixing,) = mixing_of(label, predicted, np.array([[0, 1]]), 3)
    assert (mixing.n, mixing.within, mixing.right, mixing.mutual) == (5, 4, 2, 1)
    assert mutual_pairs(label, predicted, 3, least=1).tolist() == [[0, 1]]
    assert mutual_pairs(label, predicted, 3, least=2).tolist() == []
    assert merged(np.array([[0, 2], [2, 3]]), 5).tolist() == [0, 1, 0, 0, 4]


def test_a_probe_tells_apart_what_differs():
    rng = np.random.default_rng(0)
    label = np.repeat([3, 5], 60)
    apart, same = rng.normal(size=(120, 8)) + 2 * (label == 3)[:, None], rng.normal(size=(120, 8))
    fit, score = np.arange(120) % 2 == 0, np.arange(120) % 2 == 1
    for x, low, high in ((apart, 0.95, 1.0), (same, 0.3, 0.7)):
        probed = probe((x[fit], label[fit]), (x[score], label[score]), np.array([[3, 5]]))
        assert probed.total == 60
        assert low <= probed.accuracy <= high
        assert (probed.apart.p < 0.001) == (x is apart)
