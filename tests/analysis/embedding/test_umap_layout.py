"""The layout: the same picture with any number of threads, and forces that are the derivatives they claim to be."""

import numba
import numpy as np
import pytest
import scipy.sparse as sp

from analysis.arrays import FloatArray, IntArray
from analysis.embedding import attraction
from analysis.embedding.attraction import compiled, forces
from analysis.embedding.fuzzy_graph import fuzzy_graph
from analysis.embedding.neighbours import neighbours
from analysis.embedding.umap_layout import umap_layout


@pytest.fixture
def graph(blobs: tuple[FloatArray, IntArray]) -> sp.coo_matrix:
    found = neighbours(blobs[0])
    return fuzzy_graph(found.index, 1 - found.similarity)


def _start(points: int) -> FloatArray:
    return np.random.default_rng(0).normal(scale=10, size=(points, 2)).astype(np.float32)


def test_threads_change_nothing_and_the_input_stays(graph: sp.coo_matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    start = _start(240)
    kept, weights = start.copy(), graph.data.copy()
    found = []
    for threads in (1, 2, 7):
        monkeypatch.setattr(numba, "get_num_threads", lambda threads=threads: threads)
        found.append(umap_layout(graph, start, min_dist=0.05, seed=3))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_array_equal(start, kept)
    np.testing.assert_array_equal(graph.data, weights)
    assert not np.array_equal(found[0], umap_layout(graph, start, min_dist=0.05, seed=4))


def test_no_edges_move_nothing() -> None:
    start = _start(5)
    np.testing.assert_array_equal(umap_layout(sp.coo_matrix((5, 5)), start, min_dist=0.05, seed=0), start)


def test_forces_are_the_derivatives_of_the_cross_entropy() -> None:
    a, b = 1.75, 0.84
    pull, push = forces(a, b)
    for distance in (0.01, 0.3, 1.0, 5.0, 80.0):
        place = (int(np.float32(distance**2).view(np.int32)) >> attraction.SHIFT) - attraction.FIRST
        step = 1e-4 * distance
        near, far = (np.log1p(a * (distance + side * step) ** (2 * b)) for side in (-1, 1))
        # −log w = log(1 + a d^2b): its slope pulls; −log(1 − w) pushes, damped where points coincide.
        assert pull[place] * distance == pytest.approx(-(far - near) / (2 * step), rel=0.02)
        shares = [1 - 1 / (1 + a * (distance + side * step) ** (2 * b)) for side in (-1, 1)]
        slope = (np.log(shares[1]) - np.log(shares[0])) / (2 * step)
        assert push[place] * distance == pytest.approx(slope * distance**2 / (0.001 + distance**2), rel=0.02)


def test_without_a_folder_to_keep_it_in_the_code_is_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    real = numba.njit

    def refusing(function: object, *, cache: bool = False, **options: bool) -> object:
        if cache:
            raise RuntimeError("cannot cache function '_moves': no locator available")
        return real(function, **options)

    monkeypatch.setattr(numba, "njit", refusing)
    assert callable(compiled())
