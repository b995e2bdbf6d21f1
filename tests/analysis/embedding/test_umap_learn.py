"""umap-learn's own layout, where somebody asks for it."""

import numpy as np

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.neighbours import neighbours
from analysis.embedding.projection import project
from analysis.embedding.trustworthiness import trustworthiness


def test_the_library_draws_the_same_groups_as_our_own_moves(blobs: tuple[FloatArray, IntArray]) -> None:
    embeddings, group = blobs
    graph = neighbours(embeddings)
    points = project(embeddings, graph, 1, layout="umap-learn")
    np.testing.assert_array_equal(project(embeddings, graph, 1, layout="umap-learn"), points)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (group[apart.argmin(axis=1)] == group).all()
    ours, theirs = (trustworthiness(embeddings, places, seed=0) for places in (project(embeddings, graph, 1), points))
    assert ours is not None
    assert theirs is not None
    assert abs(ours.overall - theirs.overall) < 0.05
