"""Groups that metadata names are found and their samples listed; random columns are not, however many."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.shift.metadata_slice import HYPOTHESIS
from tests.planting import make_run


def _columns(n, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "camera": rng.choice(["a", "b", "c", "d"], n).tolist(),
        "iso": rng.integers(50, 3200, n).tolist(),
        "night": (rng.random(n) < 0.3).tolist(),
    }


def _run(path, *, degraded=None, metadata=None, classes=10, per_class=150, noise=0.5, **planted):
    n = classes * per_class
    metadata = metadata if metadata is not None else _columns(n)
    planted = {"classes": classes, "per_class": per_class, "noise": noise, "thumbnails": False, **planted}
    made = make_run(path, metadata=metadata, degraded=degraded, **planted)
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS])
    return made, diagnosis, diagnosis.findings[0]


def _precision_and_recall(diagnosis, hit):
    listed = diagnosis.evidence["metadata_slice"]["sample_id"].to_numpy()
    return hit[listed].mean(), hit[listed].sum() / hit.sum()


def test_planted_fault_of_one_value_is_supported_and_its_samples_are_listed(tmp_path):
    columns = _columns(1500)
    hit = np.array(columns["camera"]) == "b"
    made, diagnosis, finding = _run(tmp_path, degraded=hit, metadata=columns)
    wrong = ~made.run.column("correct")
    lost = hit.mean() * (wrong[hit].mean() - wrong[~hit].mean())
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.BOUND)
    assert _precision_and_recall(diagnosis, hit) == (1.0, 1.0)
    assert finding.gain.value == pytest.approx(lost, abs=0.03)
    assert finding.gain.low < lost < finding.gain.high
    assert 'camera = "b"' in finding.summary


def test_planted_fault_in_a_range_of_a_number_is_supported(tmp_path):
    columns = _columns(1500)
    hit = np.array(columns["iso"]) > 2400
    _, diagnosis, finding = _run(tmp_path, degraded=hit, metadata=columns)
    precision, recall = _precision_and_recall(diagnosis, hit)
    assert finding.verdict is Verdict.SUPPORTED
    assert precision > 0.85
    assert recall > 0.85


def test_planted_fault_where_two_columns_meet_is_supported(tmp_path):
    columns = _columns(3000)
    hit = (np.array(columns["camera"]) == "b") & np.array(columns["night"])
    _, diagnosis, finding = _run(tmp_path, degraded=hit, metadata=columns, per_class=300, noise=0.8)
    assert finding.verdict is Verdict.SUPPORTED
    assert _precision_and_recall(diagnosis, hit) == (1.0, 1.0)
    slices = diagnosis.tables["metadata_slice"]["slices"]
    assert slices["slice"].iloc[0] == 'camera = "b" and night = "true"'


@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_with_fifty_random_columns_is_not_supported(tmp_path, seed):
    rng = np.random.default_rng(seed)
    columns = {f"c{i}": rng.integers(0, rng.integers(2, 20), 800).tolist() for i in range(50)}
    assert _run(tmp_path, metadata=columns, per_class=80, noise=0.8, seed=seed)[2].verdict is not Verdict.SUPPORTED


def test_healthy_run_is_refuted_with_samples_enough(tmp_path):
    finding = _run(tmp_path, per_class=400, noise=0.8)[2]
    assert finding.verdict is Verdict.REFUTED
    assert "3 usable columns" in finding.summary


def test_hard_classes_are_no_slice(tmp_path):
    """A value that goes with the two classes that are mistaken for one another explains nothing beyond them."""
    made = make_run(tmp_path / "a", per_class=150, noise=0.5, duplicate_rows=2, thumbnails=False)
    hard = np.isin(made.run.column("label_index"), [0, 1, 2, 3])
    columns = {"with": np.where(np.random.default_rng(0).random(1500) < 0.9, hard, ~hard).tolist()}
    finding = _run(tmp_path / "b", metadata=columns, duplicate_rows=2)[2]
    assert finding.verdict is not Verdict.SUPPORTED


def test_too_few_samples_are_inconclusive(tmp_path):
    columns = _columns(150)
    hit = np.array(columns["camera"]) == "b"
    assert _run(tmp_path, degraded=hit, metadata=columns, per_class=15)[2].verdict is Verdict.INCONCLUSIVE


def test_without_metadata_it_is_not_testable(tmp_path):
    finding = _run(tmp_path, metadata={})[2]
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.needs == ("columns of metadata in the manifest",)


def test_columns_that_make_no_groups_are_named(tmp_path):
    n = 1500
    columns = {"same": ["x"] * n, "name": [f"IMG {i}" for i in range(n)], "none": [None] * n}
    _, diagnosis, finding = _run(tmp_path, metadata=columns)
    reasons = diagnosis.tables["metadata_slice"]["columns"].set_index("column")["left_out_because"]
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "all its values are the same" in finding.summary
    assert reasons["name"] == "every value is different"
    assert reasons["none"] == "it has no values"
