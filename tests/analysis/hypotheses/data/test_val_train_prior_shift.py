"""Other class shares in validation than in training: found where they differ and matter, silent where they agree."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.data.val_train_prior_shift import HYPOTHESIS
from tests.planting import make_run, subset, with_train_counts

KEPT = np.array([300, 10, 220, 20, 160, 30, 110, 40, 80, 300])


def _finding(path, counts, kept=KEPT, **planted):
    made = make_run(path / "all", per_class=300, noise=2.0, thumbnails=False, **planted)
    label = made.run.column("label_index")
    rows = np.sort(np.concatenate([np.flatnonzero(label == c)[: kept[c]] for c in range(10)]))
    run = subset(made.run, rows, path / "some")
    if counts is not None:
        with_train_counts(run, counts)
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported(tmp_path):
    finding = _finding(tmp_path, np.full(10, 300))
    assert finding.verdict is Verdict.SUPPORTED
    assert 0.02 < finding.gain.value < 0.2


@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_with_the_same_shares_is_refuted(tmp_path, seed):
    finding = _finding(tmp_path, KEPT, seed=seed)
    assert finding.verdict is Verdict.REFUTED
    assert "chance" in finding.summary


def test_a_sure_model_does_not_care(tmp_path):
    made = make_run(tmp_path / "run", per_class=150, noise=0.3, thumbnails=False)
    with_train_counts(made.run, KEPT)
    finding = diagnose(made.run, hypotheses=[HYPOTHESIS]).findings[0]
    assert finding.verdict is Verdict.REFUTED
    assert "nothing worth having" in finding.summary


def test_too_few_samples_are_inconclusive(tmp_path):
    assert _finding(tmp_path, np.full(10, 300), KEPT // 3).verdict is Verdict.INCONCLUSIVE


def test_without_training_counts_it_is_not_testable(tmp_path):
    assert _finding(tmp_path, None).verdict is Verdict.NOT_TESTABLE
