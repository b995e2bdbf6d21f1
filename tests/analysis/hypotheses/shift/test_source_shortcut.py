"""A source that draws predictions to the new classes is found; a plain bias and a blurred source are not one."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.head import logit_group_bias
from analysis.hypotheses.shift import metadata_slice, source_domain_shift
from analysis.hypotheses.shift.source_shortcut import HYPOTHESIS
from tests.planting import make_run

ALL = (HYPOTHESIS, metadata_slice.HYPOTHESIS, source_domain_shift.HYPOTHESIS, logit_group_bias.HYPOTHESIS)


def _run(path, *, new_elsewhere=0.0, shortcut=True, degraded=False, hypotheses=ALL, per_class=150, seed=0, **planted):
    """New classes come from source "b" alone, but for a share; old ones from both."""
    base = {"classes": 10, "per_class": per_class, "noise": 0.9, "thumbnails": False, "seed": seed, **planted}
    plain = make_run(path / "plain", **base).run
    rng = np.random.default_rng(seed)
    old = plain.is_old[plain.column("label_index")]
    b = np.where(old, rng.random(len(plain)) < 0.5, rng.random(len(plain)) >= new_elsewhere)
    columns = {"source": np.where(b, "b", "a").tolist()}
    made = make_run(
        path / "run",
        metadata=columns,
        shortcut=b if shortcut else None,
        degraded=b if degraded else None,
        **base,
    )
    diagnosis = diagnose(made.run, hypotheses=hypotheses)
    return made, diagnosis, {finding.id: finding for finding in diagnosis.findings}


@pytest.mark.parametrize("new_elsewhere", [0.0, 0.5])
def test_planted_fault_is_first_and_alone(tmp_path, new_elsewhere):
    made, diagnosis, findings = _run(tmp_path, new_elsewhere=new_elsewhere)
    supported = [id_ for id_, finding in findings.items() if finding.verdict is Verdict.SUPPORTED]
    listed = diagnosis.evidence["source_shortcut"]["sample_id"].to_numpy()
    assert supported == ["source_shortcut"]
    assert diagnosis.leading == "source_shortcut"
    assert not made.run.column("correct")[listed].any()
    assert findings["source_shortcut"].gain.low > 0
    assert 'train["label"].isin(new)' in findings["source_shortcut"].snippet


def test_a_plain_bias_is_none(tmp_path):
    _, diagnosis, findings = _run(tmp_path, shortcut=False, new_bias=3.0)
    assert diagnosis.leading == "logit_group_bias"
    assert findings["source_shortcut"].verdict is Verdict.REFUTED


def test_a_blurred_source_is_none(tmp_path):
    _, _, findings = _run(tmp_path, shortcut=False, degraded=True, new_elsewhere=0.5)
    assert findings["metadata_slice"].verdict is Verdict.SUPPORTED
    assert findings["source_shortcut"].verdict is not Verdict.SUPPORTED


@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_is_refuted(tmp_path, seed):
    finding = _run(tmp_path, shortcut=False, seed=seed)[2]["source_shortcut"]
    assert finding.verdict is Verdict.REFUTED


def test_too_few_samples_are_inconclusive(tmp_path):
    finding = _run(tmp_path, per_class=15, hypotheses=(HYPOTHESIS,))[2]["source_shortcut"]
    assert finding.verdict is Verdict.INCONCLUSIVE


def test_without_a_split_it_is_not_testable(tmp_path):
    columns = {"source": ["a", "b"] * 400}
    run = make_run(tmp_path, old=None, metadata=columns, thumbnails=False).run
    assert diagnose(run, hypotheses=[HYPOTHESIS]).findings[0].verdict is Verdict.NOT_TESTABLE
