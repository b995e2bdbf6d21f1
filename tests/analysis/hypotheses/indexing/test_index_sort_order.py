"""Names sorted by other rules: by number, by case, as JSON keys; silent on healthy and weak models."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS as SCRAMBLED
from analysis.hypotheses.indexing.index_offset import HYPOTHESIS as OFFSET
from analysis.hypotheses.indexing.index_sort_order import HYPOTHESIS
from analysis.spec.class_names import natural_key
from tests.planting import make_run


def _diagnose(path, **planted):
    made = make_run(path, thumbnails=False, **planted)
    return made, diagnose(made.run, hypotheses=[OFFSET, HYPOTHESIS, SCRAMBLED])


def _order(names, key):
    return np.array(sorted(range(len(names)), key=lambda i: key(names[i])))


NUMBERS = [str(i) for i in range(40)]
CASES = [f"{'Aa'[i % 2]}{chr(97 + i * 7 % 26)}{i % 3}" for i in range(26)]


@pytest.mark.parametrize(
    ("names", "key"),
    [(NUMBERS, str), (sorted(NUMBERS), natural_key), (sorted(CASES), str.lower), (sorted(CASES, key=str.lower), str)],
)
def test_planted_fault_is_named_before_the_free_permutation(tmp_path, names, key):
    made, diagnosis = _diagnose(
        tmp_path, classes=len(names), per_class=20, class_names=list(names), permute=_order(names, key)
    )
    first = diagnosis.findings[0]
    assert (diagnosis.leading, first.verdict) == ("index_sort_order", Verdict.SUPPORTED)
    assert first.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)
    assert diagnosis.tables["index_sort_order"]["orders"].accuracy[0] == pytest.approx(made.accuracy_healthy, abs=0.01)


def test_labels_numbered_in_another_order_are_told_from_outputs_in_another_order(tmp_path):
    names = [f"kind {chr(97 + i)}" for i in range(12)]
    inverse = np.argsort(np.array(sorted(range(12), key=str)))
    _, diagnosis = _diagnose(tmp_path, classes=12, per_class=30, class_names=names, permute=inverse)
    assert diagnosis.leading == "index_sort_order"
    assert "labels numbered" in diagnosis.findings[0].summary


def test_a_few_classes_sorted_as_text_are_no_offset(tmp_path):
    names = [str(i) for i in range(1, 12)]  # as text: 1, 10, 11, 2, …: an offset with two steps
    _, diagnosis = _diagnose(tmp_path, classes=11, class_names=names, permute=_order(names, str))
    assert diagnosis.leading == "index_sort_order"


def test_rows_copied_by_position_are_left_to_the_permutation(tmp_path):
    old = make_run(tmp_path / "plain").run.is_old
    order = np.r_[np.flatnonzero(old), np.flatnonzero(~old)]
    assert _diagnose(tmp_path / "copied", permute=order)[1].leading == "index_map_scrambled"


@pytest.mark.parametrize("seed", range(5))
def test_healthy_run_is_refuted(tmp_path, seed):
    _, diagnosis = _diagnose(tmp_path, classes=40, per_class=20, class_names=NUMBERS, seed=seed)
    assert {finding.verdict for finding in diagnosis.findings} == {Verdict.REFUTED}


def test_a_weak_model_is_not_sorted_wrongly(tmp_path):
    names = [str(i) for i in range(500)]
    _, diagnosis = _diagnose(tmp_path, classes=500, per_class=4, noise=3.0, class_names=names)
    assert diagnosis.leading == "no_fault"


def test_too_few_samples_are_inconclusive(tmp_path):
    _, diagnosis = _diagnose(tmp_path, classes=11, per_class=2, class_names=[str(i) for i in range(11)])
    assert {f.id: f.verdict for f in diagnosis.findings}["index_sort_order"] is Verdict.INCONCLUSIVE
