"""Only fresh rows, or a loss far above guessing at the start, tell how rows were initialised."""

import numpy as np
import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.head.head_init_mismatch import HYPOTHESIS
from analysis.runs import layout
from analysis.runs.atomic import write_table
from tests.planting import make_run


def fresh(factor):
    def edit(weight, bias, is_old, rng):
        weight[is_old] *= factor * 0.02 / weight[is_old].std()
        weight[~is_old] = 0.02 * rng.normal(size=weight[~is_old].shape)

    return edit


def _run(path, *, log=None, **planted):
    made = make_run(path, thumbnails=False, **{"dims": 512, "per_class": 20, **planted})
    if log is not None:
        write_table(path / layout.TRAINING_LOG, pd.DataFrame(log))
    return diagnose(made.run, hypotheses=[HYPOTHESIS]).findings[0]


@pytest.mark.parametrize(("factor", "word"), [(4.0, "narrower"), (0.25, "wider")])
def test_planted_fault_is_supported(tmp_path, factor, word):
    finding = _run(tmp_path, edit_head=fresh(factor))
    assert finding.verdict is Verdict.SUPPORTED
    assert word in finding.summary


def test_fresh_rows_on_the_same_scale_are_refuted(tmp_path):
    assert _run(tmp_path, edit_head=fresh(1.0)).verdict is Verdict.REFUTED


@pytest.mark.parametrize("planted", [{}, {"new_scale": 3.0}, {"permute": 1.0}])
def test_healthy_run_and_trained_rows_are_refuted(tmp_path, planted):
    assert _run(tmp_path, **planted).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("first", "verdict"),
    [
        ({"step": 1.0, "train_loss": 12.0}, Verdict.SUPPORTED),
        ({"epoch": 0.0, "train_loss": 12.0}, Verdict.SUPPORTED),
        ({"step": 1.0, "train_loss": 2.4}, Verdict.REFUTED),
        ({"step": 500.0, "train_loss": 12.0}, Verdict.REFUTED),
        ({"step": 1.0, "train_loss": np.nan}, Verdict.REFUTED),
        ({"val_loss": 12.0}, Verdict.REFUTED),
    ],
)
def test_the_first_logged_loss_is_held_against_guessing(tmp_path, first, verdict):
    assert _run(tmp_path, log=[first, first]).verdict is verdict


def test_without_groups_it_is_not_testable(tmp_path):
    assert _run(tmp_path, old=None).needs == ("an old class list",)
