"""Supported, refuted, inconclusive: the rules on made-up effects."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.diagnosis.hypothesis import Hypothesis, Lane, Measurement, Outcome, Stage, Verdict
from analysis.diagnosis.significance import Interval, paired
from analysis.diagnosis.verdicts import judge

MADE_UP = Hypothesis(
    id="made_up",
    title="Made up",
    chapter="data",
    claim="…",
    lane=Lane.NOTE,
    gain_kind="none",
    stage=Stage.EARLY,
    measure=lambda view, outcome: Measurement(summary="", denial="", n=0),
    fix="…",
    source="…",
    min_effect=0.02,
    n_min=100,
)


def _measured(value, low, high, **more):
    return Measurement(summary="", denial="", n=500, effect=Interval(value=value, low=low, high=high), **more)


@pytest.mark.parametrize(
    ("measurement", "p", "verdict"),
    [
        (_measured(0.05, 0.03, 0.07), 0.01, Verdict.SUPPORTED),
        (_measured(0.05, 0.03, 0.07), None, Verdict.SUPPORTED),
        (_measured(0.05, 0.03, 0.07), 0.2, Verdict.INCONCLUSIVE),
        (_measured(0.01, 0.005, 0.015), 0.001, Verdict.REFUTED),
        (_measured(0.0, -0.05, 0.05), 1.0, Verdict.INCONCLUSIVE),
        (_measured(0.05, -0.01, 0.11), 0.01, Verdict.INCONCLUSIVE),
        (_measured(0.05, 0.03, 0.07, abstain="too dark"), 0.01, Verdict.INCONCLUSIVE),
        (_measured(0.0, -0.05, 0.05, ceiling=0.01), 1.0, Verdict.REFUTED),
    ],
)
def test_verdicts_on_measured_effects(measurement, p, verdict):
    assert judge(MADE_UP, measurement, None, p_adjusted=p) is verdict


def test_too_few_samples_are_inconclusive_whatever_they_show():
    few = replace(_measured(0.5, 0.4, 0.6), n=99)
    assert judge(MADE_UP, few, None, p_adjusted=1e-9) is Verdict.INCONCLUSIVE
    nothing = replace(_measured(0.0, 0.0, 0.0), n=99)
    assert judge(MADE_UP, nothing, None, p_adjusted=1.0) is not Verdict.SUPPORTED


def _outcome(fixed, broken, right, n=1000):
    before, after = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    after[:fixed] = True
    before[fixed : fixed + broken] = True
    both = slice(fixed + broken, fixed + broken + right)
    before[both] = after[both] = True
    return Outcome(
        before=before, after=after, predicted_after=np.zeros(n, int), score=paired(before, after), repairs=(None, None)
    )


@pytest.mark.parametrize(
    ("fixed", "broken", "right", "verdict"),
    [
        (100, 5, 500, Verdict.SUPPORTED),
        (100, 60, 500, Verdict.INCONCLUSIVE),  # too many broken for what is won
        (3, 1, 500, Verdict.REFUTED),
        (12, 0, 4, Verdict.SUPPORTED),  # three times as many right answers as before
    ],
)
def test_verdicts_on_repairs(fixed, broken, right, verdict):
    outcome = _outcome(fixed, broken, right)
    measurement = Measurement(summary="", denial="", n=1000)
    picky = replace(MADE_UP, min_win_share=0.7)
    assert judge(picky, measurement, outcome, p_adjusted=outcome.score.p) is verdict


def test_what_is_proven_otherwise_need_not_gain_half_a_point_for_certain():
    outcome = _outcome(35, 0, 4600, n=5000)  # 0.7 points, 0.47 at least
    measurement = Measurement(summary="", denial="", n=5000)
    asked = {certain: replace(MADE_UP, min_effect=0.005, min_certain=certain) for certain in (0.005, 0.002)}
    found = {c: judge(h, measurement, outcome, p_adjusted=outcome.score.p) for c, h in asked.items()}
    assert found == {0.005: Verdict.INCONCLUSIVE, 0.002: Verdict.SUPPORTED}
