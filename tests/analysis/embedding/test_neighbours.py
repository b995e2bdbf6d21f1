"""The neighbour search against a full sort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.arrays import FloatArray, IntArray
from analysis.embedding import exact_search
from analysis.embedding.neighbours import neighbours


def _plain(embeddings: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    unit = embeddings.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -np.inf)
    index = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
    return index, np.take_along_axis(cosine, index, axis=1)


@pytest.mark.parametrize(("n", "d", "k"), [(300, 8, 15), (2100, 3, 4), (50, 1, 3)])
def test_same_as_a_full_sort(n: int, d: int, k: int) -> None:
    embeddings = np.random.default_rng(0).normal(size=(n, d)).astype(np.float16)
    found = neighbours(embeddings, k)
    _, similarity = _plain(embeddings, k)
    assert found.index.dtype == np.int32
    assert found.similarity.dtype == np.float32
    np.testing.assert_allclose(found.similarity, similarity, atol=2e-6)
    assert not (found.index == np.arange(n)[:, None]).any()
    assert all(len(set(row)) == k for row in found.index.tolist())


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = np.random.default_rng(1).normal(size=(1000, 16)).astype(np.float16)
    expected, _ = _plain(embeddings, 5)
    monkeypatch.setattr(exact_search, "QUERIES", 70)
    monkeypatch.setattr(exact_search, "FLOATS", 70 * 400)
    monkeypatch.setattr(exact_search, "GROUP", 8)
    seen: list[tuple[int, int]] = []
    found = neighbours(embeddings, 5, device="cpu", progress=lambda done, total: seen.append((done, total)))
    np.testing.assert_array_equal(found.index, expected)
    assert seen[-1] == (1000, 1000)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 40), st.integers(1, 4), st.integers(0, 12))
def test_every_size(n: int, d: int, k: int) -> None:
    embeddings = np.random.default_rng(n * 100 + d).integers(-2, 3, size=(n, d)).astype(np.float16)
    found = neighbours(embeddings, k)
    directed = (embeddings != 0).any(axis=1)
    assert found.index.shape == found.similarity.shape == (n, max(0, min(k, n - 1)))
    assert (found.index[~directed] == -1).all()
    assert directed[found.index[found.index >= 0]].all()
    expected = np.minimum(found.index.shape[1], max(0, int(directed.sum()) - 1))
    assert ((found.index >= 0).sum(axis=1) == np.where(directed, expected, 0)).all()
    assert (np.diff(found.similarity[directed][:, :expected], axis=1) <= 0).all()


def test_a_row_that_is_zero_or_not_finite_has_no_neighbours() -> None:
    embeddings = np.random.default_rng(2).normal(size=(30, 4)).astype(np.float16)
    embeddings[3], embeddings[4, 1], embeddings[5, 0] = 0, np.nan, np.inf
    found = neighbours(embeddings, 5)
    assert (found.index[3:6] == -1).all()
    assert (found.similarity[3:6] == 0).all()
    others = np.delete(found.index, [3, 4, 5], axis=0)
    assert not np.isin(others, [-1, 3, 4, 5]).any()


def test_the_extremes_of_float16_have_a_direction() -> None:
    embeddings = np.array([[65504, 65504], [6e-8, 6e-8], [1, -1], [2, -2.1]], dtype=np.float16)
    found = neighbours(embeddings, 1)
    assert found.index[:, 0].tolist() == [1, 0, 3, 2]
    np.testing.assert_allclose(found.similarity[:2, 0], 1, atol=1e-6)


def test_a_copy_is_a_neighbour_with_similarity_one() -> None:
    embeddings = np.random.default_rng(3).normal(size=(20, 6)).astype(np.float16)
    embeddings[7] = embeddings[11]
    found = neighbours(embeddings, 2)
    assert (found.index[7, 0], found.index[11, 0]) == (11, 7)
    np.testing.assert_allclose(found.similarity[[7, 11], 0], 1, atol=1e-6)
    assert found.similarity.max() <= 1
