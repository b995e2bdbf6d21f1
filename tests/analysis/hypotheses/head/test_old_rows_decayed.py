"""Old rows that shrank by a factor or by a constant; fine-tuning with weight decay is none."""

import numpy as np
import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as BIAS
from analysis.hypotheses.head.logit_scale_mismatch import HYPOTHESIS as SCALE
from analysis.hypotheses.head.old_rows_decayed import HYPOTHESIS
from analysis.hypotheses.head.old_rows_overwritten import HYPOTHESIS as OVERWRITTEN
from analysis.runs.bare_run import bare_meta, write_bare_run
from analysis.runs.run import Run
from tests.planted_weights import related, tensor_row
from tests.planting import make_run


def decayed(factor):
    def edit(weight, bias, is_old, rng):
        weight[is_old] *= np.float32(factor)

    return edit


def thresholded(share):
    def edit(weight, bias, is_old, rng):
        old = weight[is_old]
        weight[is_old] = np.sign(old) * np.maximum(np.abs(old) - share * np.abs(old).mean(), 0)

    return edit


def _run(path, *, hypotheses=(HYPOTHESIS,), **planted):
    made = make_run(path, thumbnails=False, **{"dims": 128, "baseline": True, "drift": 0.0, **planted})
    return made, diagnose(made.run, hypotheses=list(hypotheses))


@pytest.mark.parametrize("edit", [decayed(0.4), thresholded(1.2)], ids=["factor", "constant"])
def test_planted_fault_is_supported_and_the_old_rows_bring_accuracy_back(tmp_path, edit):
    made, found = _run(tmp_path, edit_head=edit, noise=1.6, hypotheses=(HYPOTHESIS, BIAS, SCALE, OVERWRITTEN))
    finding = found.findings[0]
    assert (finding.id, finding.verdict, finding.lane) == ("old_rows_decayed", Verdict.SUPPORTED, Lane.GAIN)
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.002)
    assert [f.id for f in found.findings if f.verdict is Verdict.SUPPORTED] == ["old_rows_decayed"]
    assert "constant" in finding.summary or "40 %" in finding.summary


def test_where_nothing_is_lost_it_is_noted_only(tmp_path):
    _, found = _run(tmp_path, edit_head=decayed(0.95))
    assert (found.findings[0].verdict, found.findings[0].lane) == (Verdict.SUPPORTED, Lane.NOTE)
    assert found.leading == "no_fault"


def test_a_small_but_certain_cost_is_a_bound_since_the_weights_prove_the_cause(tmp_path):
    made, found = _run(tmp_path, edit_head=decayed(0.6), noise=1.1, seed=2)
    finding = found.findings[0]
    assert 0 < finding.gain.low < 0.005 <= finding.gain.value
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.BOUND)
    assert finding.gain.value == pytest.approx(made.accuracy_healthy - made.run.column("correct").mean(), abs=0.002)


@pytest.mark.parametrize("drift", [0.0, 0.1, 0.5, 2.0])
def test_healthy_run_after_normal_fine_tuning_is_refuted(tmp_path, drift):
    _, found = _run(tmp_path, drift=drift)
    assert found.findings[0].verdict is Verdict.REFUTED


def test_decay_beside_training_is_refuted(tmp_path):
    def edit(weight, bias, is_old, rng):
        weight[is_old] = 0.8 * weight[is_old] + 0.2 * np.abs(weight).mean() * rng.normal(size=weight[is_old].shape)

    assert _run(tmp_path, edit_head=edit)[1].findings[0].verdict is Verdict.REFUTED


@pytest.mark.parametrize("law", [{"scale": 0.9, "residual": 0.001}, {"soft_threshold": 0.1}])
def test_frozen_layers_that_shrank_are_noted(tmp_path, law):
    rows = [related(f"layer{i}.weight", status="related", **({} if i else law)) for i in range(3)]
    _, found = _run(tmp_path, weights=pd.DataFrame([*rows, tensor_row("head.weight", is_head=True)]))
    assert (found.findings[0].verdict, found.findings[0].lane) == (Verdict.SUPPORTED, Lane.NOTE)
    assert "1 of 3 weights outside the head" in found.findings[0].summary


def test_few_values_leave_it_open_and_a_missing_baseline_untestable(tmp_path):
    assert _run(tmp_path / "a", edit_head=decayed(0.5), dims=32)[1].findings[0].verdict is Verdict.INCONCLUSIVE
    finding = _run(tmp_path / "b", baseline=False)[1].findings[0]
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.needs == ("the old model's classification head",)


def test_it_is_seen_without_pictures(tmp_path):
    rows = np.random.default_rng(0).normal(size=(8, 256)).astype(np.float32)
    names = [f"class {index}" for index in range(8)]
    write_bare_run(tmp_path, bare_meta(names, 8, classes_in_list=8), (0.5 * rows, None))
    write_bare_run(tmp_path / "baseline", bare_meta(names[:6], 6, classes_in_list=6), (rows[:6], None))
    finding = diagnose(Run.open(tmp_path), hypotheses=[HYPOTHESIS]).findings[0]
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.NOTE)
    assert "50 % of their length" in finding.summary
