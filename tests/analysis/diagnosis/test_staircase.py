"""Paths with few steps, against all paths tried."""

from itertools import product

import numpy as np
import pytest

from analysis.diagnosis.staircase import steady_path


def _value(score, path, cost):
    path = np.asarray(path)
    return score[np.arange(len(path)), path].sum() - cost * (np.diff(path) != 0).sum()


@pytest.mark.parametrize("monotone", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_no_path_scores_better(seed, monotone):
    rng = np.random.default_rng(seed)
    score, cost = rng.normal(size=(6, 3)), 0.7
    paths = [np.array(p) for p in product(range(3), repeat=6)]
    if monotone:
        paths = [p for p in paths if (np.diff(p) >= 0).all() or (np.diff(p) <= 0).all()]
    best = max(_value(score, path, cost) for path in paths)
    assert _value(score, steady_path(score, cost, monotone=monotone), cost) == pytest.approx(best)


def test_many_places_share_states_in_blocks():
    score = np.zeros((50_000, 2))
    score[:30_000, 0] = score[30_000:, 1] = 1
    assert abs(int(steady_path(score, 5, monotone=True).sum()) - 20_000) <= 3
