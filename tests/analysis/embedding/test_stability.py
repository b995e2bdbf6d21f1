"""Groups that are there are found again; noise is not."""

import numpy as np
import pytest

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.clustering import find_clusters
from analysis.embedding.clusters import Parameters, cluster_points
from analysis.embedding.neighbours import Neighbours
from analysis.embedding.stability import best_match, stability

NONE = Neighbours(index=np.empty((0, 0), dtype=np.int32), similarity=np.empty((0, 0), dtype=np.float32))


def _points(seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    centre = np.repeat([[0, 0], [30, 0], [0, 30], [30, 30]], 40, axis=0)
    return (centre + rng.normal(size=(160, 2))).astype(np.float32)


def test_best_jaccard_by_hand() -> None:
    one, other = np.array([0, 0, 0, 1, 1, -1]), np.array([4, 4, -1, 4, 2, 2])
    np.testing.assert_allclose(best_match(one, other, 3), [2 / 4, 1 / 3, np.nan])
    np.testing.assert_allclose(best_match(one, np.full(6, -1), 2), [0, 0])


def test_what_is_there_is_found_again_and_what_is_not_is_not() -> None:
    points = _points()
    found = cluster_points(points)
    split = found.copy()
    rng = np.random.default_rng(0)
    split[(found == 0) & (rng.random(160) < 0.5)] = 4  # half of a group, at random

    def find(part: FloatArray, rows: IntArray) -> IntArray:
        del rows
        return cluster_points(part, Parameters(min_size=12))

    known = stability(split, lambda _: points, find, times=5)
    assert (known[1:4] > 0.9).all()
    assert (known[[0, 4]] < 0.7).all()
    assert np.isnan(stability(split, lambda _: points, find, times=0)).all()


def test_a_clustering_tells_how_it_was_made() -> None:
    points = np.vstack([_points(), np.full((2, 2), np.nan, dtype=np.float32)])
    parameters = Parameters(min_size=20, space="axes")
    rng = np.random.default_rng(0)
    embeddings = np.hstack([np.nan_to_num(points) + 5, rng.normal(size=(162, 12))]).astype(np.float16)
    found = find_clusters(embeddings, NONE, points, parameters=parameters)
    assert (found.assigned[-2:] == -1).all()
    assert found.facts["parameters"] == {
        "min_size": 20, "method": "eom", "epsilon": 0.0, "of": "all", "space": "axes",
    }  # fmt: skip
    assert len(found.facts["stability"]) == found.facts["clusters"]
    again = find_clusters(embeddings, NONE, points, parameters=parameters)
    assert again.facts == found.facts


def test_failures_alone_are_clustered_and_right_ones_between_them_join() -> None:
    points = _points()
    wrong = np.zeros(160, dtype=bool)
    wrong[:30] = True  # of the first group of 40
    wrong[40:70] = True  # and of the second
    found = cluster_points(points, Parameters(min_size=5, of="failures"), wrong=wrong)
    assert set(np.flatnonzero(found >= 0)) <= set(range(80))
    assert (found[30:40] >= 0).sum() >= 5


@pytest.mark.parametrize("n", [0, 1, 20])
def test_too_few_samples_have_no_clusters(n: int) -> None:
    points = np.zeros((n, 2), dtype=np.float32)
    found = find_clusters(np.zeros((n, 3), dtype=np.float16), NONE, points)
    assert (found.facts["clusters"], found.facts["in_none"], found.facts["stability"]) == (0, n, [])
    assert found.facts["notices"]
