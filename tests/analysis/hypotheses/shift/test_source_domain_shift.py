"""A source whose pictures look different and fail is found; looking different alone, or failing alone, is no shift."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.shift import metadata_slice
from analysis.hypotheses.shift.source_domain_shift import HYPOTHESIS
from tests.planting import make_run


def _sources(n, seed=0):
    return np.random.default_rng(seed).choice(["a", "b", "c"], n)


def _run(path, *, source, hit=None, hypotheses=(HYPOTHESIS,), per_class=150, **planted):
    planted = {"classes": 10, "noise": 0.5, "thumbnails": False, **planted}
    made = make_run(path, per_class=per_class, metadata={"source": source.tolist()}, degraded=hit, **planted)
    diagnosis = diagnose(made.run, hypotheses=hypotheses)
    return made, diagnosis, next(f for f in diagnosis.findings if f.id == HYPOTHESIS.id)


def test_planted_fault_is_supported_and_its_samples_are_listed(tmp_path):
    source = _sources(1500)
    hit = source == "b"
    made, diagnosis, finding = _run(tmp_path, source=source, hit=hit)
    wrong = ~made.run.column("correct")
    listed = diagnosis.evidence["source_domain_shift"]["sample_id"].to_numpy()
    assert finding.verdict is Verdict.SUPPORTED
    assert set(listed) == set(np.flatnonzero(hit))
    shift = diagnosis.tables["source_domain_shift"]["sources"].iloc[0]
    assert shift["gap"] == pytest.approx(wrong[hit].mean() - wrong[~hit].mean(), abs=0.05)
    assert shift["mmd2"] > 0
    assert 0 < finding.p < 0.001


def test_the_same_pictures_are_one_cause_not_two(tmp_path):
    source = _sources(1500)
    both = (HYPOTHESIS, metadata_slice.HYPOTHESIS)
    _, diagnosis, finding = _run(tmp_path, source=source, hit=source == "b", hypotheses=both)
    assert diagnosis.leading == "metadata_slice"
    assert (finding.verdict, finding.lane, finding.gain) == (Verdict.SUPPORTED, Lane.NOTE, None)
    assert "one cause, not two" in finding.summary


@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_is_refuted(tmp_path, seed):
    assert _run(tmp_path, source=_sources(1500, seed), seed=seed)[2].verdict is Verdict.REFUTED


def test_looking_different_without_failing_is_no_fault(tmp_path):
    """Even rows and odd rows of the embedding space are moved aside where no head row looks."""
    made = make_run(tmp_path / "a", per_class=150, dims=64, noise=0.3, thumbnails=False)
    x = np.asarray(made.run.embeddings, dtype=np.float32)
    hit = _sources(1500) == "b"
    weight = made.run.head[0]
    unseen = np.linalg.svd(weight)[2][-1]
    x[hit] += unseen
    run = _run(tmp_path / "b", source=_sources(1500), dims=64, noise=0.3)[0].run
    np.save(run.path / "embeddings.npy", x.astype(np.float16))
    finding = diagnose(type(run).open(run.path), hypotheses=[HYPOTHESIS]).findings[0]
    assert finding.verdict is Verdict.REFUTED


def test_too_few_samples_are_inconclusive(tmp_path):
    source = _sources(240)
    assert _run(tmp_path, source=source, hit=source == "b", per_class=24)[2].verdict is Verdict.INCONCLUSIVE


def test_without_embeddings_it_is_not_testable(tmp_path):
    finding = _run(tmp_path, source=_sources(1500), embeddings=False)[2]
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.needs == ("embeddings",)
