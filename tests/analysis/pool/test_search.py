"""The search against the full matrix, and what makes a choice diverse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.pool import search
from analysis.pool.search import PER_RESULT, alike, asked_with


def _blocks(embeddings: np.ndarray, size: int):
    rows = np.arange(len(embeddings)) * 3
    return [(rows[start : start + size], embeddings[start : start + size]) for start in range(0, len(rows), size)]


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a / np.linalg.norm(a, axis=1, keepdims=True)) @ (b / np.linalg.norm(b, axis=1, keepdims=True)).T


@pytest.fixture(scope="module")
def pool() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(200, 8)).astype(np.float16)


@pytest.fixture(scope="module")
def queries() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(5, 8)).astype(np.float16)


@pytest.mark.parametrize("size", [7, 64, 500])
def test_the_nearest_against_the_full_matrix(
    pool: np.ndarray, queries: np.ndarray, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_BLOCK", 16)
    cosine = _cosine(pool.astype(np.float64), queries.astype(np.float64))
    order = np.argsort(-cosine.max(axis=1))[:12]
    found = alike(_blocks(pool, size), queries, 12, diverse=False)
    assert found.row.tolist() == (order * 3).tolist()
    assert found.query.tolist() == cosine.argmax(axis=1)[order].tolist()
    np.testing.assert_allclose(found.similarity, cosine.max(axis=1)[order], atol=1e-5)


def test_a_diverse_choice_against_a_plain_loop(pool: np.ndarray, queries: np.ndarray) -> None:
    values = pool.astype(np.float32)
    near = _cosine(values, queries.astype(np.float32)).max(axis=1)
    candidates = np.argsort(-near, kind="stable")[: 6 * PER_RESULT]
    among = _cosine(values, values)
    chosen = [int(candidates[0])]
    while len(chosen) < 6:
        left = [int(row) for row in candidates if row not in chosen]
        chosen.append(min(left, key=lambda row: max(among[row][other] for other in chosen)))
    assert alike(_blocks(pool, 50), queries, 6).row.tolist() == [3 * row for row in chosen]


def test_copies_of_one_picture_do_not_fill_a_diverse_choice() -> None:
    pool = np.array([[1, 0.02 * i] for i in range(10)] + [[0.8, 0.6], [0.8, -0.6]])
    query = np.array([[1.0, 0.0]])
    assert {10, 11} <= set((alike(_blocks(pool, 99), query, 4).row // 3).tolist())
    assert set((alike(_blocks(pool, 99), query, 4, diverse=False).row // 3).tolist()) == {0, 1, 2, 3}


def test_directions_that_are_none_and_pools_that_are_small() -> None:
    pool = np.array([[0, 0], [np.nan, 1], [np.inf, 0], [1, 1]], dtype=np.float32)
    found = alike(_blocks(pool, 2), np.array([[1.0, 0.0]]), 9)
    assert found.row.tolist() == [9]
    assert len(alike([], np.array([[1.0, 0.0]]), 5).row) == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3000))
def test_a_large_set_asks_with_some_of_it(count: int) -> None:
    asked = asked_with(np.arange(count) * 2)
    assert len(asked) == min(count, search.MOST_QUERIES)
    assert len(np.unique(asked)) == len(asked)
    if count:
        assert (asked[0], asked[-1]) == (0, 2 * (count - 1))
