"""A group that fails is found; hard classes, healthy runs and groups too small to judge are not."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.data.failure_cluster import HYPOTHESIS
from analysis.runs.run import Run
from analysis.runs.samples import replace_columns
from tests.planting import make_run


def _run(path, **planted):
    made = make_run(path, thumbnails=False, **{"clusters": True, **planted})
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS])
    return made, diagnosis, diagnosis.findings[0]


def test_planted_fault_is_supported_and_its_members_are_listed(tmp_path):
    made, diagnosis, finding = _run(tmp_path, hidden_group=0.08)
    members = diagnosis.evidence["failure_cluster"]["sample_id"].to_numpy()
    lost = (made.hidden_group & ~made.run.column("correct")).mean()
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.BOUND)
    assert made.hidden_group[members].all()
    assert len(members) > 0.8 * made.hidden_group.sum()
    assert finding.gain.low <= finding.gain.value <= lost + 0.01
    assert finding.gain.value == pytest.approx(lost, abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_healthy_run_is_not_supported(tmp_path, seed):
    assert _run(tmp_path, seed=seed)[2].verdict is not Verdict.SUPPORTED


def test_healthy_run_is_refuted_with_samples_enough(tmp_path):
    assert _run(tmp_path, per_class=300, noise=0.6)[2].verdict is Verdict.REFUTED


def test_hard_classes_are_no_failing_group(tmp_path):
    """Two neighbouring classes that are mistaken for one another lie together, and their classes explain it."""
    _, _, finding = _run(tmp_path, duplicate_rows=2, per_class=120)
    assert finding.verdict is not Verdict.SUPPORTED


def test_too_few_samples_are_inconclusive(tmp_path):
    assert _run(tmp_path, per_class=15, hidden_group=0.1)[2].verdict is Verdict.INCONCLUSIVE


def test_without_clusters_it_is_not_testable(tmp_path):
    finding = _run(tmp_path, clusters=False)[2]
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.needs == ("clusters of the embeddings",)


def test_members_come_worst_first(tmp_path):
    table = _run(tmp_path, hidden_group=0.08)[1].evidence["failure_cluster"]
    assert table["wrong"].is_monotonic_decreasing
    assert np.all((table["score"] > 0) & (table["score"] <= 1))


def _one_class(path, *, share, wrong, mixed=False, elsewhere=0.0):
    """A share of class 0 in a place of its own, `wrong` of it taken for class 1; `mixed`: among class 1's pictures."""
    run = make_run(path, thumbnails=False, clusters=True, old=None, noise=0.5, per_class=100).run
    rng, label = np.random.default_rng(0), run.column("label_index")
    rows = rng.permutation(np.flatnonzero(label == 0))
    group, rest = rows[: round(share * len(rows))], rows[round(share * len(rows)) :]
    cluster, answer = run.column("cluster").copy(), run.column("prediction_index").copy()
    cluster[group] = 99
    if mixed:
        cluster[rng.permutation(np.flatnonzero(label == 1))[: len(group)]] = 99
    answer[group[: round(wrong * len(group))]] = 1
    answer[rest[: round(elsewhere * len(rest))]] = 1
    columns = {"cluster": cluster, "topk_index": [[int(a)] for a in answer], "topk_logit": [[1.0]] * len(answer)}
    replace_columns(path, columns)
    diagnosis = diagnose(Run.open(path), hypotheses=[HYPOTHESIS])
    return group, diagnosis, diagnosis.findings[0]


def test_a_sub_type_of_one_class_is_found_and_the_class_is_named(tmp_path):
    group, diagnosis, finding = _one_class(tmp_path, share=0.4, wrong=0.85)
    assert finding.verdict is Verdict.SUPPORTED
    assert "nearly all “class 000”" in finding.summary
    assert sorted(diagnosis.evidence["failure_cluster"]["sample_id"]) == sorted(group)


@pytest.mark.parametrize(
    "planted",
    [
        {"share": 0.4, "wrong": 0.85, "mixed": True},  # a confusion of two classes
        {"share": 0.4, "wrong": 0.85, "elsewhere": 0.8},  # the whole class is hard
        {"share": 0.95, "wrong": 0.85},  # the group is the class
        {"share": 0.4, "wrong": 0.35},  # mostly right
    ],
)
def test_a_hard_class_is_no_sub_type(tmp_path, planted):
    assert _one_class(tmp_path, **planted)[2].verdict is not Verdict.SUPPORTED


def test_a_weak_model_whose_clusters_all_differ_has_no_failing_group(tmp_path):
    """Each class lies in two places, wrong in anything from none to 60 % of them: no one of them is special."""
    run = make_run(tmp_path, thumbnails=False, clusters=True, old=None, noise=0.5, per_class=100).run
    label, answer = run.column("label_index"), run.column("prediction_index").copy()
    second = np.zeros(len(label), dtype=bool)
    for number, share in enumerate(np.linspace(0.0, 0.6, len(run.class_names))):
        rows = np.flatnonzero(label == number)
        second[rows[:40]] = True
        answer[rows[: round(40 * share)]] = answer[rows[40:52]] = (number + 1) % len(run.class_names)
    answer[np.flatnonzero(label == 3)[:32]] = 4  # 80 % of 40, where the others have up to 60 %
    columns = {
        "cluster": label * 2 + second,
        "topk_index": [[int(a)] for a in answer],
        "topk_logit": [[1.0]] * len(answer),
    }
    replace_columns(tmp_path, columns)
    assert diagnose(Run.open(tmp_path), hypotheses=[HYPOTHESIS]).findings[0].verdict is not Verdict.SUPPORTED


def _looking(path, pixel_mean, **planted):
    """A run whose degraded pictures, a fifth of them, lie in no cluster of their own; `pixel_mean` (N,) of them all."""
    degraded = np.random.default_rng(1).random(2000) < 0.2
    run = make_run(path, thumbnails=False, clusters=True, per_class=200, degraded=degraded, **planted).run
    replace_columns(path, {"pixel_mean": pixel_mean(degraded).astype(np.float32)})
    return degraded, run, diagnose(Run.open(path), hypotheses=[HYPOTHESIS])


def _dark(degraded):
    return np.where(degraded, 20, 120) + np.random.default_rng(2).normal(0, 3, len(degraded))


def test_a_group_that_no_cluster_shows_is_found_by_how_its_pictures_look(tmp_path):
    degraded, run, diagnosis = _looking(tmp_path, _dark)
    finding, members = diagnosis.findings[0], diagnosis.evidence["failure_cluster"]["sample_id"].to_numpy()
    assert finding.verdict is Verdict.SUPPORTED
    assert "pictures with pixel_mean < " in finding.summary
    assert degraded[members].mean() > 0.95
    assert len(members) > 0.9 * degraded.sum()
    numbers = np.unique(diagnosis.columns["cluster"][degraded], return_counts=True)
    assert numbers[0][numbers[1].argmax()] == run.column("cluster").max() + 1


def test_pictures_that_look_like_any_others_are_no_group(tmp_path):
    _, _, diagnosis = _looking(tmp_path, lambda degraded: np.random.default_rng(2).normal(120, 9, len(degraded)))
    assert diagnosis.findings[0].verdict is not Verdict.SUPPORTED
    assert "cluster" not in diagnosis.columns


def test_blank_pictures_and_what_a_slice_names_are_no_group_of_their_own(tmp_path):
    degraded = np.random.default_rng(1).random(2000) < 0.2
    camera = np.where(degraded, "b", "a").tolist()
    _, _, diagnosis = _looking(tmp_path / "named", _dark, metadata={"camera": camera})
    assert diagnosis.findings[0].verdict is not Verdict.SUPPORTED
    made = make_run(tmp_path / "blank", thumbnails=False, clusters=True, blank=0.1)
    blank = made.run.column("pixel_std") < 2
    replace_columns(made.run.path, {"cluster": np.where(blank, 90, made.run.column("cluster")).astype(np.int32)})
    diagnosis = diagnose(Run.open(made.run.path), hypotheses=[HYPOTHESIS])
    assert diagnosis.findings[0].verdict is not Verdict.SUPPORTED


def test_pictures_of_one_class_under_the_label_of_another_are_no_group(tmp_path):
    """They lie among their own kind, with a stranger or two: what is wrong there is the label."""
    run = make_run(tmp_path / "run", thumbnails=False, clusters=True, old=None, noise=0.5, per_class=100).run
    label, right = run.column("label_index").copy(), run.column("label_index")
    eights, others = np.flatnonzero(right == 8), np.flatnonzero((right != 8) & (right != 0))[:2]
    label[eights[::2]] = 0
    cluster = np.where((right == 8) | np.isin(np.arange(len(right)), others), 90, 0).astype(np.int32)
    columns = {"cluster": cluster, "label_index": label, "correct": label == run.column("prediction_index")}
    replace_columns(run.path, columns)
    assert diagnose(Run.open(run.path), hypotheses=[HYPOTHESIS]).findings[0].verdict is not Verdict.SUPPORTED
