"""Errors inside families of look-alikes are found; scattered errors and one family of everything are not."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.data.fine_grained_confusion import HYPOTHESIS
from analysis.runs.run import Run
from analysis.runs.samples import replace_columns
from tests.planting import make_run


def _run(path, answer=None, **planted):
    """A run whose answers are those of `answer(label, rng)`; without it, the model's own."""
    made = make_run(path, **{"thumbnails": False, "embeddings": False, "old": None, **planted})
    if answer is not None:
        label = made.run.column("label_index")
        wrong = answer(label.astype(np.int64), np.random.default_rng(0))
        index = [[int(w), int(y)] if w != y else [int(y)] for w, y in zip(wrong, label, strict=True)]
        logit = [[3.0, 2.0] if w != y else [3.0] for w, y in zip(wrong, label, strict=True)]
        replace_columns(path, {"topk_index": index, "topk_logit": logit})
    diagnosis = diagnose(Run.open(path), hypotheses=[HYPOTHESIS])
    return diagnosis, diagnosis.findings[0]


def _families(size, inside=0.9, share=0.3):
    def answer(label, rng):
        classes, n = int(label.max()) + 1, len(label)
        mate = label // size * size + (label % size + rng.integers(1, size, n)) % size
        stranger = (label + rng.integers(1, classes, n)) % classes
        other = np.where(rng.random(n) < inside, mate, stranger)
        return np.where(rng.random(n) < share, other, label)

    return answer


def test_planted_fault_is_supported_and_the_families_are_named(tmp_path):
    diagnosis, finding = _run(tmp_path, _families(4), classes=100, per_class=20)
    named = {e.name: e.value for e in finding.evidence}
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.NOTE)
    assert finding.gain is None
    assert named["errors inside families"] == pytest.approx(0.9, abs=0.05)
    assert named["accuracy if the family is enough"] == pytest.approx(0.97, abs=0.02)
    first = diagnosis.tables["fine_grained_confusion"]["families"].iloc[0]
    assert first["size"] == 4
    assert first["errors_inside"] <= first["errors"] <= first["samples"]
    pairs = diagnosis.tables["fine_grained_confusion"]["pairs"]
    assert (pairs["first_as_second"] + pairs["second_as_first"] == pairs["errors"]).all()


@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_is_not_supported(tmp_path, seed):
    assert _run(tmp_path, classes=50, per_class=40, noise=1.6, seed=seed)[1].verdict is not Verdict.SUPPORTED


def test_a_model_that_is_hardly_ever_wrong_has_nothing_to_explain(tmp_path):
    finding = _run(tmp_path, noise=0.3)[1]
    assert finding.verdict is Verdict.REFUTED
    assert "nothing for look-alike classes to explain" in finding.summary


def test_scattered_errors_are_refuted(tmp_path):
    assert _run(tmp_path, _families(100), classes=100, per_class=30)[1].verdict is Verdict.REFUTED


def test_ten_classes_that_are_one_family_are_refuted(tmp_path):
    assert _run(tmp_path, _families(10, share=0.5), classes=10, per_class=100)[1].verdict is Verdict.REFUTED


def test_too_few_errors_are_inconclusive(tmp_path):
    assert _run(tmp_path, _families(4, share=0.1), classes=100, per_class=5)[1].verdict is Verdict.INCONCLUSIVE
