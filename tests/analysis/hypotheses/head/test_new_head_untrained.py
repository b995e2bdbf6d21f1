"""Rows still as drawn, by any usual law; rows fitted on one half stand in for them on the other."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.head.head_init_mismatch import HYPOTHESIS as SCALE
from analysis.hypotheses.head.head_rows_degenerate import HYPOTHESIS as BROKEN
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as BIAS
from analysis.hypotheses.head.new_head_untrained import HYPOTHESIS
from analysis.runs.bare_run import bare_meta, write_bare_run
from analysis.runs.run import Run
from tests.planting import make_run

LAWS = {
    "torch": lambda rng, shape: rng.uniform(-1, 1, shape) / np.sqrt(shape[1]),
    "he": lambda rng, shape: rng.normal(size=shape) * np.sqrt(2 / shape[1]),
    "0.02": lambda rng, shape: rng.normal(size=shape) * 0.02,
    "zeros": lambda rng, shape: np.zeros(shape),
}


def fresh(law, *, every=False):
    def edit(weight, bias, is_old, rng):
        some = np.ones_like(is_old) if every else ~is_old
        weight[some] = LAWS[law](rng, weight[some].shape)

    return edit


def _run(path, *, hypotheses=(HYPOTHESIS, BIAS, BROKEN), **planted):
    made = make_run(path, thumbnails=False, **{"dims": 256, **planted})
    return made, diagnose(made.run, hypotheses=list(hypotheses))


@pytest.mark.parametrize("law", LAWS)
def test_planted_fault_is_supported_and_fitted_ones_bring_accuracy_back(tmp_path, law):
    made, found = _run(tmp_path, edit_head=fresh(law))
    finding = found.findings[0]
    assert (finding.id, finding.verdict, finding.lane) == ("new_head_untrained", Verdict.SUPPORTED, Lane.GAIN)
    assert "3 of 3 rows" in finding.summary
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.03)


def test_few_pictures_a_class_are_enough_to_place_the_fitted_rows_beside_the_others(tmp_path):
    """Drawn rows that win everywhere: a part of the classes without a fitted row must not hide the constant's place."""

    def loud(weight, bias, is_old, rng):
        fresh("torch")(weight, bias, is_old, rng)
        bias[~is_old] += 30

    made, found = _run(tmp_path, edit_head=loud, classes=80, per_class=5, dims=64, noise=0.5)
    strong = [f for f in found.findings if f.verdict is Verdict.SUPPORTED and f.lane is Lane.GAIN]
    assert [f.id for f in strong] == ["new_head_untrained"]
    assert strong[0].accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.05)


def test_a_constant_on_trained_rows_is_no_matter_of_training(tmp_path):
    _, found = _run(tmp_path, new_bias=30.0, classes=80, per_class=5, dims=64, noise=0.5)
    assert [f.id for f in found.findings if f.verdict is Verdict.SUPPORTED] == ["logit_group_bias"]


def test_a_head_that_was_never_trained_at_all_is_found_without_a_split(tmp_path):
    made, found = _run(tmp_path, edit_head=fresh("torch", every=True), old=None)
    finding = found.findings[0]
    assert (finding.id, finding.lane) == ("new_head_untrained", Lane.GAIN)
    assert "10 of 10" in finding.summary
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.03)


@pytest.mark.parametrize(
    "planted",
    [{}, {"permute": 1.0}, {"new_bias": 6.0}, {"new_scale": 3.0}, {"noise": 2.5}, {"scale": 0.6}, {"old": None}],
)
def test_healthy_run_and_trained_rows_are_refuted_whatever_else_is_wrong(tmp_path, planted):
    _, found = _run(tmp_path, hypotheses=(HYPOTHESIS,), **planted)
    assert found.findings[0].verdict is Verdict.REFUTED


@pytest.mark.parametrize("law", ["torch", "0.02"])
def test_it_is_seen_without_pictures(tmp_path, law):
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(16, 512)) * rng.uniform(0.2, 2, 512) * 0.05
    weight[8:] = LAWS[law](rng, (8, 512))
    is_old = np.arange(16) < 8
    names = [f"class {index}" for index in range(16)]
    write_bare_run(tmp_path, bare_meta(names, 16, classes_in_list=16, is_old=is_old), (weight.astype(np.float32), None))
    finding = diagnose(Run.open(tmp_path), hypotheses=[HYPOTHESIS]).findings[0]
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.NOTE)


def test_few_values_leave_it_open_and_a_hidden_head_untestable(tmp_path):
    _, found = _run(tmp_path / "a", edit_head=fresh("torch"), dims=32, hypotheses=(HYPOTHESIS,))
    assert found.findings[0].verdict is Verdict.INCONCLUSIVE
    _, found = _run(tmp_path / "b", head=False, hypotheses=(HYPOTHESIS,))
    assert found.findings[0].needs == ("the classification head's weights",)


def test_fresh_rows_on_another_scale_are_noted_beside(tmp_path):
    _, found = _run(tmp_path, edit_head=fresh("0.02"), hypotheses=(HYPOTHESIS, SCALE))
    scale = next(one for one in found.findings if one.id == SCALE.id)
    assert (scale.verdict, scale.lane) == (Verdict.SUPPORTED, Lane.NOTE)
    assert "narrower" in scale.summary
