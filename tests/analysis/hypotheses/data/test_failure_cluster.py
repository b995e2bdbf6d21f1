"""A group that fails is found; hard classes, healthy runs and groups too small to judge are not."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.data.failure_cluster import HYPOTHESIS
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
