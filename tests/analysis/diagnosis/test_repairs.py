"""Candidates asked of the head again, against the whole matrix of logits."""

import numpy as np
import pytest
from scipy.special import logsumexp

from analysis.diagnosis.repairs import Regroup


@pytest.mark.parametrize("broken", [False, True])
def test_the_best_of_both_groups_are_those_of_the_whole_matrix(broken):
    """More samples than a block, groups that are mixed, one of them smaller than what is kept of each."""
    rng = np.random.default_rng(0)
    features, weight, bias = rng.normal(size=(2500, 8)), rng.normal(size=(90, 8)), rng.normal(size=90)
    groups = rng.permutation(90) < 20
    if broken:
        weight[7] = np.nan
    features, weight, bias = (np.float32(values) for values in (features, weight, bias))
    logits = features @ weight.T + bias
    made = Regroup.of_head(features, weight, bias, groups)
    assert made.index.shape == (2500, 32 + 20)
    np.testing.assert_allclose(made.logit, np.take_along_axis(logits, made.index, axis=1), atol=1e-4)
    for side in (False, True):
        columns = np.flatnonzero(groups == side)
        known = np.where(np.isnan(logits[:, columns]), np.inf, logits[:, columns])
        expected = np.sort(known, axis=1)[:, -min(32, len(columns)) :]
        found = np.where(np.isin(made.index, columns), np.where(np.isnan(made.logit), np.inf, made.logit), -np.inf)
        np.testing.assert_allclose(np.sort(found, axis=1)[:, -expected.shape[1] :], expected, atol=1e-4)
    if not broken:
        np.testing.assert_allclose(made.logsumexp, logsumexp(logits.astype(np.float64), axis=1), atol=1e-4)
    assert np.isnan(made.logsumexp).all() == broken
