"""Old rows spoilt by training on new classes: swapping them back is what proves it."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as BIAS
from analysis.hypotheses.head.logit_scale_mismatch import HYPOTHESIS as SCALE
from analysis.hypotheses.head.old_rows_overwritten import HYPOTHESIS
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS as ORDER
from tests.planting import make_run


def overwritten(weight, bias, is_old, rng):
    size = np.linalg.norm(weight, axis=1).mean() / np.sqrt(weight.shape[1])
    weight[is_old] += 3 * size * rng.normal(size=weight[is_old].shape)


def slightly_worse(weight, bias, is_old, rng):
    size = np.linalg.norm(weight, axis=1).mean() / np.sqrt(weight.shape[1])
    weight[is_old] += 0.25 * size * rng.normal(size=weight[is_old].shape)


def overwritten_and_pushed(weight, bias, is_old, rng):
    overwritten(weight, bias, is_old, rng)
    bias[~is_old] += 8


def pushed_aside(weight, bias, is_old, rng):
    """All old rows the same way, as gradients of new classes alone push them: in order among themselves."""
    size = np.linalg.norm(weight, axis=1).mean() / np.sqrt(weight.shape[1])
    weight[is_old] += 2 * size * rng.normal(size=weight.shape[1])
    bias[~is_old] += 6


def _run(path, *, hypotheses=(HYPOTHESIS, BIAS), **planted):
    made = make_run(path, thumbnails=False, **{"dims": 64, "baseline": True, **planted})
    return made, diagnose(made.run, hypotheses=list(hypotheses))


@pytest.mark.parametrize("edit", [overwritten, overwritten_and_pushed])
def test_planted_fault_is_supported_and_the_swap_brings_accuracy_back(tmp_path, edit):
    made, found = _run(tmp_path, edit_head=edit)
    finding = found.findings[0]
    assert (finding.id, finding.verdict) == ("old_rows_overwritten", Verdict.SUPPORTED)
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.02)
    named = {item.name: item.value for item in finding.evidence}
    old_head = named["old classes among themselves: new network, old rows"]
    assert old_head > named["old classes among themselves: new network, new rows"] + 0.03
    assert old_head == pytest.approx(named["old classes among themselves: old network, old rows"], abs=0.02)


@pytest.mark.parametrize("per_class", [60, 120])
def test_rows_pushed_the_same_way_lose_to_new_ones_by_picture(tmp_path, per_class):
    made, found = _run(tmp_path, edit_head=pushed_aside, per_class=per_class)
    assert found.leading == "old_rows_overwritten"
    finding = found.findings[0]
    assert "pushed aside" in finding.summary
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.02)
    named = {item.name: item.value for item in finding.evidence}
    assert (
        named["accuracy with the best constant between the groups instead, on held-out samples"]
        < finding.accuracy_if_fixed - 0.03
    )
    assert [one.id for one in found.findings if one.verdict is Verdict.SUPPORTED] == ["old_rows_overwritten"]


@pytest.mark.parametrize("planted", [{}, {"drift": 0.5}, {"new_bias": 6.0}, {"noise": 2.5}, {"seed": 5}])
def test_healthy_run_and_rows_that_serve_are_left_alone(tmp_path, planted):
    _, found = _run(tmp_path, **planted)
    finding = next(one for one in found.findings if one.id == HYPOTHESIS.id)
    assert finding.verdict is Verdict.REFUTED


@pytest.mark.parametrize("factor", [2.0, 3.0])
def test_new_rows_that_grew_are_no_fault_of_old_ones(tmp_path, factor):
    """A factor beside old rows put back must not be told as what these rows give back, though they turned a little."""

    def turned(weight, bias, is_old, rng):
        slightly_worse(weight, bias, is_old, rng)
        weight[~is_old] *= factor

    _, found = _run(tmp_path, edit_head=turned, noise=1.0, hypotheses=(HYPOTHESIS, BIAS, SCALE))
    assert found.leading == "logit_scale_mismatch"
    finding = next(one for one in found.findings if one.id == HYPOTHESIS.id)
    assert finding.verdict is Verdict.REFUTED


def test_rows_that_are_hardly_worse_were_not_overwritten(tmp_path):
    """Old rows on a slightly better place, and a constant besides, may gain some points together."""
    _, found = _run(tmp_path, noise=1.6, per_class=150, edit_head=slightly_worse)
    finding = next(one for one in found.findings if one.id == HYPOTHESIS.id)
    assert finding.verdict is not Verdict.SUPPORTED


def test_rows_under_other_names_are_a_matter_of_order(tmp_path):
    made, found = _run(tmp_path, permute=1.0, drift=0.0, hypotheses=(HYPOTHESIS, ORDER))
    assert found.leading == "index_map_scrambled"
    assert [one.id for one in found.findings if one.verdict is Verdict.SUPPORTED] == ["index_map_scrambled"]
    assert found.repaired_correct.mean() == pytest.approx(made.accuracy_healthy, abs=0.01)


def test_few_old_samples_leave_it_open(tmp_path):
    _, found = _run(tmp_path, edit_head=overwritten, per_class=8, hypotheses=(HYPOTHESIS,))
    assert found.findings[0].verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("lacking", ["baseline", "embeddings", "head"])
def test_without_an_input_it_is_not_testable(tmp_path, lacking):
    _, found = _run(tmp_path, hypotheses=(HYPOTHESIS,), **{lacking: False})
    assert found.findings[0].verdict is Verdict.NOT_TESTABLE
