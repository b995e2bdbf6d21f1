"""Classes with few training images: found by class and not by sample, within old and new, never without contrast."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.count_buckets import ClassRecord, bucket_table, tail_gap
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.data.tail_classes import HYPOTHESIS
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as BIAS
from analysis.runs.run import Run
from tests.planting import make_run, with_train_counts


def _run(path, counts, *, hurt=-3.0, **planted):
    counts = np.asarray(counts)
    bias = np.where(counts < 8, hurt, 0.0)
    made = make_run(path, **{"per_class": 100, "noise": 1.0, "thumbnails": False, "class_bias": bias, **planted})
    with_train_counts(made.run, counts)
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS])
    return made, diagnosis, diagnosis.findings[0]


FEW = np.where(np.isin(np.arange(20), [1, 4, 9, 13]), 5, 200)


def test_planted_fault_is_supported_with_its_bound(tmp_path):
    made, diagnosis, finding = _run(tmp_path, FEW, classes=20)
    right = made.run.column("correct")
    tail = np.isin(made.run.column("label_index"), np.flatnonzero(FEW < 8))
    assert diagnosis.leading == finding.id
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.gain.value == pytest.approx((right[~tail].mean() - right[tail].mean()) * tail.mean(), abs=0.02)
    table = diagnosis.evidence["tail_classes"]
    assert set(table["sample_id"]) == set(np.flatnonzero(tail & ~right))
    buckets = diagnosis.tables["tail_classes"]["buckets"]
    assert buckets["samples"].sum() == len(right)
    assert set(buckets["bucket"]) == {"fewer than 8", "100 or more"}


@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_is_refuted_though_classes_have_few_images(tmp_path, seed):
    assert _run(tmp_path, FEW, classes=20, hurt=0.0, noise=0.8, seed=seed)[2].verdict is Verdict.REFUTED


def test_no_class_with_few_images_refutes_it(tmp_path):
    finding = _run(tmp_path, np.full(10, 40))[2]
    assert finding.verdict is Verdict.REFUTED
    assert "No class has fewer than 20" in finding.summary


def test_groups_that_coincide_with_the_buckets_are_inconclusive(tmp_path):
    is_old = _run(tmp_path / "plain", np.full(10, 5))[0].run.is_old
    finding = _run(tmp_path / "few", np.where(is_old, 200, 5))[2]
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "compare" in finding.summary


def test_too_few_samples_are_inconclusive(tmp_path):
    assert _run(tmp_path, FEW, classes=20, per_class=4)[2].verdict is Verdict.INCONCLUSIVE


def test_without_training_counts_it_is_not_testable(tmp_path):
    run = make_run(tmp_path, thumbnails=False).run
    assert diagnose(run, hypotheses=[HYPOTHESIS]).findings[0].verdict is Verdict.NOT_TESTABLE


def test_one_hard_class_is_no_tail():
    rng = np.random.default_rng(0)
    recall = rng.uniform(0.4, 0.95, size=30)
    found = []
    for place in range(30):
        counts = np.full(30, 300)
        counts[place] = 5
        record = ClassRecord(
            counts=counts, right=(recall * 1000).astype(int), support=np.full(30, 1000), is_old=np.arange(30) < 15
        )
        found.append(tail_gap(record, fewer_than=8).p)
    assert np.mean(np.array(found) < 0.05) <= 0.1  # 1,000 samples of one class do not make it certain


def test_buckets_hold_every_class_once():
    counts = np.array([0, 7, 8, 19, 20, 99, 100, 5000])
    record = ClassRecord(counts=counts, right=np.ones(8, int), support=np.full(8, 2), is_old=None)
    table = bucket_table(record)
    assert table["classes"].tolist() == [2, 2, 2, 2]
    assert (table["recall"] == 0.5).all()


def test_a_group_that_loses_for_its_few_pictures_has_no_constant_of_its_own(tmp_path):
    """Lifting all new classes gives back some of what seven in ten of them lack."""
    healthy = make_run(tmp_path / "healthy", classes=60, per_class=20, old=0.5, dims=48, noise=0.9, thumbnails=False)
    new = np.flatnonzero(~healthy.run.is_old)
    bias = np.zeros(60)
    bias[new[:24]] = -3.5
    for fewest, leading in ((200, "logit_group_bias"), (5, "tail_classes")):
        made = make_run(
            tmp_path / str(fewest), classes=60, per_class=20, old=0.5, dims=48, noise=0.9, thumbnails=False,
            class_bias=bias,
        )  # fmt: skip
        with_train_counts(made.run, np.where(bias < 0, fewest, 200))
        found = diagnose(Run.open(made.run.path), hypotheses=[HYPOTHESIS, BIAS])
        assert found.leading == leading
