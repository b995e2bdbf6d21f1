"""Rows fitted anew, and whether the head may be asked again at all."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from analysis.diagnosis.head_rows import fitted_rows, head_reproduces
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import Regroup

RANDOM = np.random.default_rng(0)
MEANS = RANDOM.normal(size=(6, 16)).astype(np.float32) * 2
LABEL = np.arange(900) % 6
FEATURES = (MEANS[LABEL] + RANDOM.normal(size=(900, 16)) * 1.5).astype(np.float16)
BIAS = -(MEANS**2).sum(axis=1) / 2


def _predictions(weight, bias):
    z = FEATURES.astype(np.float32) @ weight.T + bias
    index = np.tile(np.arange(6, dtype=np.int32), (900, 1))
    return Predictions.of_candidates(index, z.astype(np.float32), LABEL, 6)


def test_a_fitted_row_is_as_good_as_the_lost_one():
    broken = MEANS.copy()
    broken[2] = 0
    fit = np.arange(900) < 450
    columns, rows, biases = fitted_rows(_predictions(broken, BIAS).at(fit), FEATURES[fit], broken, BIAS, np.array([2]))
    weight, bias = broken.copy(), BIAS.copy()
    weight[columns], bias[columns] = rows, biases
    before = (_predictions(MEANS, BIAS).correct[~fit]).mean()
    after = (_predictions(weight, bias).correct[~fit]).mean()
    assert after == pytest.approx(before, abs=0.02)


def test_several_fitted_rows_are_fitted_against_one_another():
    """About the likelihood of scikit-learn's multinomial regression of all rows."""
    lost = np.array([2, 3])
    close = MEANS.copy()
    close[3] = close[2] + 0.8  # two that only each other tells apart
    features = (close[LABEL] + RANDOM.normal(size=(900, 16)) * 1.5).astype(np.float16)
    bias = -(close**2).sum(axis=1) / 2
    broken = close.copy()
    broken[lost] = 0
    z = features.astype(np.float32) @ broken.T + bias
    index = np.tile(np.arange(6, dtype=np.int32), (900, 1))
    fit = np.arange(900) < 450
    some = Predictions.of_candidates(index, z.astype(np.float32), LABEL, 6).at(fit)
    columns, rows, biases = fitted_rows(some, features[fit], broken, bias, lost)
    weight, of_all = close.copy(), bias.copy()
    weight[columns], of_all[columns] = rows, biases

    def loss(weight, bias):
        return log_loss(LABEL[~fit], softmax(features[~fit].astype(np.float32) @ weight.T + bias, axis=1))

    whole = LogisticRegression(max_iter=2000).fit(features[fit].astype(float), LABEL[fit])
    assert loss(weight, of_all) <= loss(whole.coef_, whole.intercept_) + 0.05  # each for itself: 0.31 more


def test_a_class_without_samples_gets_no_row():
    some = LABEL != 2
    columns, rows, _ = fitted_rows(_predictions(MEANS, BIAS).at(some), FEATURES[some], MEANS, BIAS, np.array([2]))
    assert len(columns) == len(rows) == 0


def test_the_head_is_trusted_only_if_it_gives_the_stored_logits():
    predictions = _predictions(MEANS, BIAS)
    assert head_reproduces(predictions, FEATURES, MEANS, BIAS)
    assert not head_reproduces(predictions, FEATURES, MEANS[::-1], BIAS)
    assert not head_reproduces(predictions, FEATURES * np.float16(1.2), MEANS, BIAS)
    assert not head_reproduces(predictions, FEATURES, MEANS[:4], BIAS[:4])
    assert not head_reproduces(predictions.at(np.arange(0)), FEATURES[:0], MEANS, BIAS)


def test_candidates_by_other_groups_are_those_of_the_full_logits():
    weight = RANDOM.normal(size=(200, 16)).astype(np.float32)
    bias = RANDOM.normal(size=200).astype(np.float32)
    groups = RANDOM.random(200) < 0.3
    made = Regroup.of_head(FEATURES, weight, bias, groups)
    z = FEATURES.astype(np.float32) @ weight.T + bias
    assert made.index.shape == (900, 64)
    assert made.logsumexp == pytest.approx(np.log(np.exp(z.astype(np.float64)).sum(axis=1)), rel=1e-5)
    for side in (True, False):
        best = np.where(groups[made.index] == side, made.logit, -np.inf).max(axis=1)
        assert best == pytest.approx(z[:, groups == side].max(axis=1), rel=1e-5)
