"""Rows that are no numbers, zero or copies; new rows are fitted on one half and scored on the other."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.head_rows import row_faults
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.head.head_rows_degenerate import HYPOTHESIS
from tests.planting import make_run


def _run(path, **planted):
    made = make_run(path, thumbnails=False, **planted)
    return made, diagnose(made.run, hypotheses=[HYPOTHESIS]).findings[0]


@pytest.mark.parametrize("fault", [{"nan_rows": 1}, {"zero_rows": 2}, {"duplicate_rows": 2}])
def test_planted_fault_is_supported_and_undoing_it_pays(tmp_path, fault):
    made, finding = _run(tmp_path, **fault)
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.GAIN)
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.02)


@pytest.mark.parametrize("copy", [0, 1])
def test_of_two_identical_rows_the_one_that_was_copied_over_is_renewed(tmp_path, copy):
    """Between equal logits the lower output always wins; that does not make the row its own."""

    def edit(weight, bias, is_old, rng):
        weight[4 + copy], bias[4 + copy] = weight[5 - copy], bias[5 - copy]

    made, finding = _run(tmp_path, edit_head=edit)
    assert finding.accuracy_if_fixed == pytest.approx(made.run.column("correct")[_others(made.run)].mean(), abs=0.02)


def _others(run):
    return ~np.isin(run.column("label_index"), (4, 5))


def test_without_embeddings_a_row_that_is_no_number_is_left_out(tmp_path):
    made, finding = _run(tmp_path, nan_rows=1, embeddings=False)
    assert finding.lane is Lane.GAIN
    assert finding.accuracy_if_fixed == pytest.approx(0.9 * made.accuracy_healthy, abs=0.02)


def test_without_embeddings_rows_of_zeros_bound_what_is_lost(tmp_path):
    _, finding = _run(tmp_path, zero_rows=2, embeddings=False)
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.BOUND)
    assert 0.15 < finding.gain.value <= 0.2


@pytest.mark.parametrize(
    "planted", [{}, {"new_bias": 8.0}, {"permute": 1.0}, {"noise": 3.0, "classes": 300, "per_class": 12}]
)
def test_healthy_run_is_refuted_whatever_else_is_wrong(tmp_path, planted):
    assert _run(tmp_path, **planted)[1].verdict is Verdict.REFUTED


def test_too_few_samples_do_not_hide_a_row_that_is_no_number(tmp_path):
    assert _run(tmp_path, nan_rows=1, classes=3, per_class=2)[1].verdict is Verdict.SUPPORTED


def test_without_the_head_it_is_not_testable(tmp_path):
    assert _run(tmp_path, head=False)[1].needs == ("the classification head's weights",)


def test_every_kind_of_row_is_told_apart():
    weight = np.random.default_rng(0).normal(size=(9, 64)).astype(np.float32)
    weight[1] = np.nan
    weight[2] = 0
    weight[4] = weight[3]
    weight[6] = weight[5] * (1 + 1e-4 * np.sign(weight[5]))
    bias = np.zeros(9, dtype=np.float32)
    bias[8] = np.inf
    faults = row_faults(weight, bias)
    assert list(np.flatnonzero(faults.nonfinite)) == [1, 8]
    assert list(np.flatnonzero(faults.tiny)) == [2]
    assert list(np.flatnonzero(faults.repeated)) == [3, 4]
    assert list(np.flatnonzero(faults.nearly_repeated)) == [5, 6]
