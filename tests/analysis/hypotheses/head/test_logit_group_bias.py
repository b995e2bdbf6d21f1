"""A constant on one group: either sign, in either grouping, beyond what is stored; silent on healthy models."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose, predictions_of
from analysis.diagnosis.column_groups import regrouped_predictions
from analysis.diagnosis.halves import halves
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.diagnosis.repairs import best_of
from analysis.diagnosis.trial import Bench, State
from analysis.hypotheses import all_hypotheses
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS as ORDER
from tests.planting import make_run, subset


def _run(path, **planted):
    made = make_run(path, thumbnails=False, **planted)
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS])
    return made, diagnosis, diagnosis.findings[0]


def _evidence(finding):
    return {item.name: item.value for item in finding.evidence}


@pytest.mark.parametrize("bias", [8.0, -8.0, 40.0])
def test_planted_fault_is_supported_and_undoing_it_pays(tmp_path, bias):
    made, diagnosis, finding = _run(tmp_path, new_bias=bias)
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.015)
    assert _evidence(finding)["offset of the new classes' logits that scores best"] == pytest.approx(-bias, abs=1.5)
    assert ("too high" in finding.summary) == (bias > 0)
    assert finding.gain.value == pytest.approx(finding.accuracy_if_fixed - diagnosis.accuracy.overall)


def test_the_ceiling_is_above_what_the_offset_gives(tmp_path):
    _, _, finding = _run(tmp_path, new_bias=8.0)
    seen = _evidence(finding)
    ceiling = seen["accuracy if the group were always chosen right (ceiling)"]
    assert seen["accuracy now"] < seen["accuracy with the offset, on held-out samples"] <= ceiling
    assert seen["harmonic mean of both groups now"] < seen["harmonic mean of both groups with the offset"]


@pytest.mark.parametrize("seed", range(5))
def test_healthy_run_is_not_supported(tmp_path, seed):
    assert _run(tmp_path, seed=seed)[2].verdict is not Verdict.SUPPORTED


def test_healthy_run_is_refuted_by_the_ceiling(tmp_path):
    assert _run(tmp_path, noise=0.4)[2].verdict is Verdict.REFUTED


@pytest.mark.parametrize("planted", [{"per_class": 5}, {"old": 0.95, "classes": 20, "per_class": 30}])
def test_too_few_samples_are_inconclusive(tmp_path, planted):
    finding = _run(tmp_path, new_bias=8.0, **planted)[2]
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "needed" in finding.summary


def test_without_an_old_list_it_is_not_testable(tmp_path):
    finding = _run(tmp_path, old=None)[2]
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.needs == ("an old class list",)


@pytest.mark.parametrize(
    "planted",
    [
        {"classes": 400, "per_class": 6, "new_bias": 9.0},
        {"classes": 400, "per_class": 8, "new_bias": 9.0},
        {"classes": 200, "per_class": 8, "new_bias": 30.0},
        {"classes": 200, "per_class": 8, "new_bias": 6.0, "new_scale": 0.65},
    ],
)
def test_with_many_scrambled_classes_the_head_is_asked_again(tmp_path, planted):
    """The stored top 32 of each listed group then hold mostly new classes; shorter rows must not look like a factor."""
    made = make_run(tmp_path, dims=64, noise=0.5, permute=1.0, thumbnails=False, **planted)
    diagnosis = diagnose(made.run, hypotheses=all_hypotheses())
    strong = {f.id for f in diagnosis.findings if f.verdict is Verdict.SUPPORTED and f.lane is Lane.GAIN}
    assert strong == {"index_map_scrambled", "logit_group_bias"}
    assert diagnosis.repaired_correct.mean() == pytest.approx(made.accuracy_healthy, abs=0.02)


def test_what_is_judged_after_a_new_order_has_the_best_of_each_group(tmp_path):
    """The halves found different orders, so candidates are named by class: those asked for again are, too."""
    made = make_run(tmp_path, classes=200, per_class=8, dims=64, noise=0.5, permute=1.0, new_bias=6.0, thumbnails=False)
    run, predictions = made.run, predictions_of(made.run)
    split = halves(np.arange(len(run)), run.column("label_index"))
    bench = Bench(run=run, halves=split)
    state = bench.undo(ORDER, State(fitted_on_first=predictions, fitted_on_second=predictions, halves=split))
    view = bench.view(state)
    again = regrouped_predictions(view, view.regrouped(~view.is_old))
    weight, bias = run.head
    z = np.asarray(run.embeddings, dtype=np.float32) @ weight.T + bias
    for rows, held_out in ((~split.second, state.fitted_on_second), (split.second, state.fitted_on_first)):
        for group in (view.is_old, ~view.is_old):
            columns = np.flatnonzero(group[held_out.column_class])
            best = held_out.column_class[columns[z[rows][:, columns].argmax(axis=1)]]
            assert np.array_equal(best_of(again, group)[1][rows], best)


def test_nothing_is_broken_for_the_sake_of_the_larger_group(tmp_path):
    _, diagnosis, finding = _run(tmp_path, new_bias=6.0, old=0.9, per_class=120)
    right = diagnosis.repaired_correct
    seen = _evidence(finding)
    assert finding.verdict is Verdict.SUPPORTED
    assert seen["accuracy on new classes with the offset"] > 0.8
    assert right.mean() == finding.accuracy_if_fixed
    assert np.isfinite(seen["harmonic mean of both groups with the offset"])


@pytest.mark.parametrize("seed", range(4))
def test_giving_up_a_small_group_is_no_repair(tmp_path, seed):
    """On a weak healthy model nine old samples to one new make it pay to answer "old" whatever the picture shows."""
    made = make_run(tmp_path / "all", seed=seed, noise=2.5, old=0.5, per_class=200, thumbnails=False)
    old = made.run.is_old[made.run.column("label_index")]
    kept = np.sort(np.r_[np.flatnonzero(old), np.flatnonzero(~old)[::10]])
    diagnosis = diagnose(subset(made.run, kept, tmp_path / "few"), hypotheses=[HYPOTHESIS])
    assert diagnosis.findings[0].verdict is not Verdict.SUPPORTED
