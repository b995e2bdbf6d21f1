"""The engine on planted runs: order, explaining-away, hidden faults, crashes, JSON."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Measurement, Verdict
from analysis.diagnosis.repairs import Rename
from analysis.diagnosis.significance import Interval
from analysis.hypotheses import all_hypotheses
from analysis.runs.run import Run
from tests.planted_reruns import pair_of_runs, plant_rerun
from tests.planting import make_run


def _diagnose(path, **planted):
    made = make_run(path, **planted)
    diagnosis = diagnose(made.run, hypotheses=all_hypotheses())
    return made, diagnosis, {finding.id: finding for finding in diagnosis.findings}


@pytest.mark.parametrize("seed", range(6))
def test_a_healthy_run_has_no_fault(tmp_path, seed):
    _, diagnosis, found = _diagnose(tmp_path, seed=seed, clusters=True)
    assert diagnosis.leading == "no_fault"
    assert not [f.id for f in found.values() if f.verdict is Verdict.SUPPORTED]
    assert np.array_equal(diagnosis.repaired_prediction, Run.open(tmp_path).column("prediction_index"))


@pytest.mark.parametrize("noise", [1.6, 3.0])
def test_a_healthy_but_weak_model_has_no_fault(tmp_path, noise):
    _, diagnosis, _ = _diagnose(tmp_path, classes=500, per_class=8, noise=noise, thumbnails=False)
    assert diagnosis.accuracy.overall < 0.2
    assert diagnosis.leading == "no_fault"


def test_both_faults_of_a_botched_expansion_are_found_in_order(tmp_path):
    made, diagnosis, found = _diagnose(
        tmp_path, permute=1.0, new_bias=14.0, flip=0.04, hidden_group=0.08, clusters=True
    )
    assert [f.id for f in diagnosis.findings[:2]] == ["index_map_scrambled", "logit_group_bias"]
    assert diagnosis.leading == "index_map_scrambled"
    assert found["logit_group_bias"].given == ("index_map_scrambled",)
    assert found["logit_group_bias"].gain_alone < 0.02  # hidden while the classes are scrambled
    causes = {i for i, f in found.items() if f.verdict is Verdict.SUPPORTED and f.lane in (Lane.GAIN, Lane.BOUND)}
    assert causes == {
        "index_map_scrambled", "logit_group_bias", "label_errors", "failure_cluster",
    }  # fmt: skip
    heights = [rung.accuracy for rung in diagnosis.ladder]
    assert heights == sorted(heights)
    assert [rung.at_most for rung in diagnosis.ladder] == [False, False, False, True, True, True]
    clean = ~made.flipped & ~made.hidden_group
    assert diagnosis.repaired_correct[clean].mean() == pytest.approx(made.accuracy_healthy, abs=0.02)


@pytest.mark.parametrize("embeddings", [True, False])
def test_a_bias_that_lets_one_group_win_everything_hides_nothing(tmp_path, embeddings):
    order = np.arange(10)
    made = make_run(tmp_path / "first", new_bias=30.0)
    old = np.flatnonzero(made.run.is_old)
    order[old] = np.roll(old, 3)  # only old classes are scrambled: neither repair pays without the other
    _, diagnosis, found = _diagnose(
        tmp_path / "second", permute=order, new_bias=30.0, embeddings=embeddings, head=embeddings
    )
    assert found["index_map_scrambled"].verdict is Verdict.SUPPORTED
    assert found["logit_group_bias"].verdict is Verdict.SUPPORTED
    assert found["index_map_scrambled"].gain.value > 0.4
    assert diagnosis.repaired_correct.mean() == pytest.approx(made.accuracy_healthy, abs=0.02)


def test_three_faults_that_hide_one_another_are_taken_apart(tmp_path):
    made, diagnosis, found = _diagnose(tmp_path, permute=1.0, new_bias=8.0, nan_rows=1)
    together = {"index_map_scrambled", "logit_group_bias", "head_rows_degenerate"}
    assert {i for i, f in found.items() if f.verdict is Verdict.SUPPORTED and f.lane is Lane.GAIN} == together
    assert [len(f.given) for f in diagnosis.findings[:3]] == [0, 1, 2]
    assert sum(found[i].gain.value for i in together) == pytest.approx(
        diagnosis.repaired_correct.mean() - diagnosis.accuracy.overall
    )
    assert diagnosis.repaired_correct.mean() == pytest.approx(made.accuracy_healthy, abs=0.02)


def test_what_another_repair_explains_is_said_to_be_explained(tmp_path):
    _, _, found = _diagnose(tmp_path, permute=1.0)
    bias = found["logit_group_bias"]
    assert bias.gain_alone > 0.03
    assert bias.verdict in (Verdict.REFUTED, Verdict.INCONCLUSIVE)
    assert bias.explained_by == "index_map_scrambled"
    assert "Class indices are scrambled" in bias.summary


def test_each_sample_is_repaired_by_the_half_it_is_not_in(tmp_path):
    """A repair that learns its own samples by heart must not gain anything."""
    made = make_run(tmp_path, noise=3.0)
    scrambled = next(h for h in all_hypotheses() if h.id == "index_map_scrambled")

    def by_heart(view):
        class Memory:
            parameters = len(view)

            def apply(self, predictions):
                logit = predictions.logit.copy()
                seen = np.isin(np.arange(len(predictions)), view.rows)
                logit[seen[:, None] & (predictions.index == predictions.label[:, None])] = 1e6
                return replace(predictions, logit=logit)

        return Memory()

    found = diagnose(made.run, hypotheses=[replace(scrambled, what_if=by_heart)]).findings[0]
    assert found.gain.value == 0.0
    assert found.verdict is not Verdict.SUPPORTED


def test_a_crash_is_a_finding_and_the_others_go_on(tmp_path):
    made = make_run(tmp_path, new_bias=8.0)

    def crash(view, outcome):
        raise RuntimeError("the lamp is broken")

    broken = replace(all_hypotheses()[0], id="broken", measure=crash, what_if=None, needs=())
    diagnosis = diagnose(made.run, hypotheses=[broken, *all_hypotheses()])
    assert diagnosis.findings[-1].verdict is Verdict.ERRORED
    assert "the lamp is broken" in diagnosis.findings[-1].summary
    assert diagnosis.leading == "logit_group_bias"


def test_missing_inputs_are_named(tmp_path):
    _, _, found = _diagnose(tmp_path, embeddings=False, head=False, old=None)
    assert found["logit_group_bias"].needs == ("an old class list",)
    assert found["head_rows_degenerate"].needs == ("the classification head's weights",)
    assert {found[i].verdict for i in ("label_errors", "failure_cluster", "logit_group_bias")} == {Verdict.NOT_TESTABLE}
    assert found["index_map_scrambled"].verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "planted",
    [
        {"classes": 1, "per_class": 1, "old": None},
        {"classes": 3, "per_class": 1},
        {"classes": 2, "per_class": 3, "embeddings": False},
        {"nan_rows": 10},
        {"zero_rows": 10},
        {"missing_outputs": 9, "old": None},
        {"blank": 0.99},
    ],
)
def test_odd_runs_break_no_hypothesis_and_give_strict_json(tmp_path, planted):
    _, diagnosis, found = _diagnose(tmp_path, **planted)
    told = json.loads(json.dumps(diagnosis.to_json(), allow_nan=False))
    assert [f["rank"] for f in told["findings"]] == list(range(1, len(found) + 1))
    assert not [f for f in found.values() if f.verdict is Verdict.ERRORED]


def test_accuracies_are_those_of_the_run(tmp_path):
    made, diagnosis, _ = _diagnose(tmp_path, new_bias=2.0)
    correct, old = made.run.column("correct"), made.run.is_old[made.run.column("label_index")]
    assert diagnosis.accuracy.overall == correct.mean()
    assert (diagnosis.accuracy.old, diagnosis.accuracy.new) == (correct[old].mean(), correct[~old].mean())
    assert (diagnosis.accuracy.n_old, diagnosis.accuracy.n_new) == (old.sum(), (~old).sum())
    assert diagnosis.accuracy.chance == 0.1


def test_bounds_come_after_gains_and_validity_after_bounds(tmp_path):
    made = make_run(tmp_path, permute=1.0)
    base = next(h for h in all_hypotheses() if h.id == "val_too_small")

    def fixed(lane, low):
        def measure(view, outcome):
            gain = Interval(value=low, low=low, high=low)
            return Measurement(summary="s", denial="d", n=999, effect=Interval.exactly(1), gain=gain, lane=lane)

        return measure

    lanes = [("a", Lane.NOTE, 0.9), ("b", Lane.VALIDITY, 0.9), ("c", Lane.BOUND, 0.1), ("d", Lane.BOUND, 0.2)]
    made_up = [replace(base, id=i, measure=fixed(lane, low)) for i, lane, low in lanes]
    findings = diagnose(made.run, hypotheses=[*made_up, *all_hypotheses()]).findings
    assert [f.id for f in findings[:5]] == ["index_map_scrambled", "d", "c", "b", "a"]
    assert isinstance(findings[0].gain, Interval)


def test_progress_ends_at_its_total(tmp_path):
    told = []
    diagnose(make_run(tmp_path).run, hypotheses=all_hypotheses(), progress=lambda *news: told.append(news))
    assert told[-1][0] == told[-1][1]
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_a_repair_never_sees_the_other_half(tmp_path):
    made = make_run(tmp_path)
    base = next(h for h in all_hypotheses() if h.id == "index_map_scrambled")
    seen = []

    def spy(view):
        seen.append(set(view.rows))
        assert len(view.predictions) == len(view.rows) == len(view.column("pixel_std")) == len(view.embeddings)
        return Rename(column_class=view.predictions.column_class, parameters=0)

    diagnose(made.run, hypotheses=[replace(base, what_if=spy)])
    assert seen[0].isdisjoint(seen[1])
    assert len(seen[0] | seen[1]) == len(made.run)


def test_pictures_asked_again_do_not_undo_the_repair_of_a_stretched_head(tmp_path):
    """The repair of the head pays more and is found first; it is applied to the answers for the other pictures."""
    bad, good = pair_of_runs(tmp_path, new_scale=6.0, noise=1.05, per_class=150)
    healthy = make_run(tmp_path / "healthy", thumbnails=False, per_class=150)
    run = plant_rerun(bad, good, axis="normalization", settings={"mean": [0.5]})
    ids = {"preproc_normalization", "logit_scale_mismatch", "logit_group_bias"}
    found = diagnose(run, hypotheses=[h for h in all_hypotheses() if h.id in ids])
    supported = [f.id for f in found.findings if f.verdict is Verdict.SUPPORTED]
    assert supported == ["logit_scale_mismatch", "preproc_normalization"]
    assert found.repaired_correct.mean() == pytest.approx(healthy.accuracy_healthy, abs=0.02)
    assert found.findings[1].accuracy_if_fixed == pytest.approx(found.repaired_correct.mean())


@pytest.mark.parametrize(("low", "first"), [(0.95, "cause"), (0.1, "index_map_scrambled")])
def test_what_a_cause_costs_at_most_is_a_bound_that_goes_before_a_lesser_gain_it_explains(tmp_path, low, first):
    """Its lane says gain, for it may have a repair; here none was chosen, so nothing was measured as given back."""
    made = make_run(tmp_path, permute=1.0)

    def measure(view, outcome):
        gain = Interval(value=low, low=low, high=low)
        return Measurement(summary="s", denial="d", n=999, effect=Interval.exactly(1), gain=gain)

    base = next(h for h in all_hypotheses() if h.id == "val_too_small")
    cause = replace(base, id="cause", lane=Lane.GAIN, measure=measure, explains=("index_map_scrambled",))
    findings = diagnose(made.run, hypotheses=[cause, *all_hypotheses()]).findings
    assert {f.id: f.lane for f in findings[:2]} == {"cause": Lane.BOUND, "index_map_scrambled": Lane.GAIN}
    assert findings[0].id == first
