"""Outputs shifted against the list: everywhere, from some class on, under a bias; silent on healthy and weak models."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as GROUP_BIAS
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS as SCRAMBLED
from analysis.hypotheses.indexing.index_offset import HYPOTHESIS
from analysis.hypotheses.indexing.index_sort_order import HYPOTHESIS as SORT_ORDER
from tests.planting import make_run


def _diagnose(path, *others, **planted):
    made = make_run(path, thumbnails=False, **planted)
    return made, diagnose(made.run, hypotheses=[HYPOTHESIS, *others])


@pytest.mark.parametrize("classes", [10, 200])
@pytest.mark.parametrize("step", [1, -1, 5])
def test_planted_fault_is_named_before_the_free_permutation(tmp_path, classes, step):
    permute = np.roll(np.arange(classes), step)
    made, diagnosis = _diagnose(
        tmp_path, SCRAMBLED, SORT_ORDER, classes=classes, per_class=80 // (classes // 10), permute=permute
    )
    first = diagnosis.findings[0]
    assert (diagnosis.leading, first.verdict) == ("index_offset", Verdict.SUPPORTED)
    assert first.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)
    assert f"{abs(step)} place" in first.summary
    assert {finding.verdict for finding in diagnosis.findings[1:]} <= {Verdict.REFUTED, Verdict.INCONCLUSIVE}


def test_a_class_missing_in_the_middle_is_a_staircase(tmp_path):
    permute = np.r_[:37, 38:100, 37]  # class 37 was put into the list, its row at the end of the head
    made, diagnosis = _diagnose(tmp_path, SCRAMBLED, classes=100, per_class=10, dims=64, permute=permute)
    assert diagnosis.leading == "index_offset"
    assert diagnosis.findings[0].accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.01)


def test_a_free_permutation_is_no_offset(tmp_path):
    _, diagnosis = _diagnose(tmp_path, SCRAMBLED, classes=100, per_class=20, dims=64, permute=0.05)
    assert diagnosis.leading == "index_map_scrambled"


@pytest.mark.parametrize("seed", range(6))
def test_three_of_ten_outputs_changed_round_are_no_offset(tmp_path, seed):
    _, diagnosis = _diagnose(tmp_path, SCRAMBLED, permute=0.3, seed=seed)
    assert diagnosis.leading == "index_map_scrambled"


def test_an_offset_hidden_under_a_group_bias_is_found(tmp_path):
    made, diagnosis = _diagnose(tmp_path, GROUP_BIAS, SCRAMBLED, permute=np.roll(np.arange(10), 1), new_bias=12.0)
    found = [finding.id for finding in diagnosis.findings if finding.verdict is Verdict.SUPPORTED]
    assert set(found) == {"index_offset", "logit_group_bias"}
    assert diagnosis.ladder[-2].accuracy == pytest.approx(made.accuracy_healthy, abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_healthy_run_is_refuted(tmp_path, seed):
    assert _diagnose(tmp_path, seed=seed)[1].findings[0].verdict is Verdict.REFUTED


@pytest.mark.parametrize("seed", range(3))
def test_a_weak_model_is_not_shifted(tmp_path, seed):
    _, diagnosis = _diagnose(tmp_path, classes=500, per_class=4, noise=3.0, seed=seed)
    assert diagnosis.accuracy.overall < 0.2
    assert diagnosis.findings[0].verdict is Verdict.REFUTED


def test_too_few_samples_are_inconclusive(tmp_path):
    assert _diagnose(tmp_path, per_class=3)[1].findings[0].verdict is Verdict.INCONCLUSIVE


def test_rows_copied_by_position_are_left_to_the_permutation(tmp_path):
    made = make_run(tmp_path, thumbnails=False, old=0.9, permute=np.roll(np.arange(10), -1))
    made.run.meta["is_old"] = [False] + [True] * 9  # the new class is first in the list, its row is the last
    assert diagnose(made.run, hypotheses=[HYPOTHESIS, SCRAMBLED]).leading == "index_map_scrambled"


def test_two_classes_can_only_be_swapped(tmp_path):
    _, diagnosis = _diagnose(tmp_path, SCRAMBLED, classes=2, per_class=100, old=None, permute=np.array([1, 0]))
    assert diagnosis.leading == "index_map_scrambled"
