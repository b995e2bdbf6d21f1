"""Rounds of neighbours of neighbours, from a graph of strangers and from a good one."""

import numba
import numpy as np
import pytest
import torch

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.exact_search import nearest
from analysis.embedding.neighbour_rounds import NeighbourRounds, exact
from tests.devices import DEVICE

WHERE = torch.device(DEVICE)
K = 8


@pytest.fixture
def embeddings() -> FloatArray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=(20, 24))[rng.integers(20, size=1500)] + rng.normal(size=(1500, 24)) * 0.4).astype("f2")


def _strangers(points: int) -> IntArray:
    """Others of every point, none twice: those that follow it at fixed steps."""
    steps = np.random.default_rng(1).permutation(points - 1)[:K] + 1
    return ((np.arange(points)[:, None] + steps) % points).astype(np.int32)


def _recall(found: IntArray, true: IntArray) -> float:
    return float((true[:, :, None] == found[:, None, :]).any(2).mean())


def test_rounds_lead_from_strangers_to_the_true_neighbours(embeddings: FloatArray) -> None:
    rows = np.arange(len(embeddings))
    true, cosine = nearest(embeddings, rows, rows, K, WHERE)
    rounds, near = NeighbourRounds(embeddings, rows, rows[::-1]), _strangers(len(rows))
    shares = [_recall(near, true)]
    for _ in range(6):
        near = rounds.better(near)
        shares.append(_recall(near, true))
        assert not (near == rows[:, None]).any()
        assert all(len(set(row)) == K for row in near.tolist())
    assert shares == sorted(shares)
    assert shares[0] < 0.05
    assert shares[-1] > 0.95
    found, similarity = exact(embeddings, rows, rows, near, WHERE)
    assert (np.diff(similarity, axis=1) <= 0).all()
    same = found == true
    np.testing.assert_allclose(similarity[same], cosine[same], atol=1e-6)


def test_any_number_of_threads_finds_the_same(embeddings: FloatArray) -> None:
    rows = np.arange(len(embeddings))
    rounds, before = NeighbourRounds(embeddings, rows, rows), numba.get_num_threads()
    found = []
    for threads in (1, before):
        numba.set_num_threads(threads)
        found.append(rounds.better(_strangers(len(rows))))
    np.testing.assert_array_equal(*found)


def test_copies_keep_as_many_neighbours_as_they_had() -> None:
    embeddings, rows = np.ones((60, 3), dtype=np.float32), np.arange(60)
    near = NeighbourRounds(embeddings, rows, rows).better(_strangers(60))
    assert all(len(set(row) - {place}) == K for place, row in enumerate(near.tolist()))
