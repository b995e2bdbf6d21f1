"""Our graph weights against umap-learn's."""

import numpy as np
import pytest

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.fuzzy_graph import fuzzy_graph


def _graph(seed: int, n: int = 60, k: int = 6) -> tuple[IntArray, FloatArray]:
    points = np.random.default_rng(seed).normal(size=(n, 3))
    points[:10] = points[0]  # copies: their nearest distances are 0
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    index = np.argsort(distance, axis=1, kind="stable")[:, :k].astype(np.int32)
    return index, np.take_along_axis(distance, index, axis=1).astype(np.float32)


@pytest.mark.filterwarnings("ignore:Tensorflow not installed:ImportWarning")
def test_same_weights_as_umap_learn() -> None:
    from umap.umap_ import compute_membership_strengths, smooth_knn_dist

    index, distance = _graph(0)
    n, k = index.shape
    with_self = np.hstack([np.arange(n, dtype=np.int32)[:, None], index])
    distances = np.hstack([np.zeros((n, 1), dtype=np.float32), distance])
    # The Python behind the compiled functions: the same numbers without six seconds of compilation.
    sigma, rho = smooth_knn_dist.py_func(distances, float(k + 1))
    rows, columns, values, _ = compute_membership_strengths.py_func(with_self, distances, sigma, rho)
    expected = np.zeros((n, n))
    expected[rows, columns] = values
    expected = expected + expected.T - expected * expected.T
    np.testing.assert_allclose(fuzzy_graph(index, distance).toarray(), expected, atol=2e-5)


def test_symmetric_weights_between_zero_and_one() -> None:
    graph = fuzzy_graph(*_graph(1)).toarray()
    np.testing.assert_allclose(graph, graph.T, atol=1e-6)
    assert graph.min() >= 0
    assert graph.max() <= 1 + 1e-6
    assert (np.diag(graph) == 0).all()


def test_copies_of_one_point_are_joined_fully() -> None:
    index = np.array([[1, 2], [0, 2], [0, 1]], dtype=np.int32)
    graph = fuzzy_graph(index, np.zeros((3, 2), dtype=np.float32)).toarray()
    np.testing.assert_allclose(graph, 1 - np.eye(3))
