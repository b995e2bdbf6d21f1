"""bfloat16 first must find what float32 finds, whatever the vectors look like."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.arrays import FloatArray
from analysis.embedding import neighbours as module
from analysis.embedding import screening
from analysis.embedding.neighbours import Neighbours, neighbours


def _both(embeddings: FloatArray, k: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Neighbours, Neighbours]:
    monkeypatch.setattr(screening, "FLOATS", 500 * 128)  # several blocks of queries
    monkeypatch.setattr(module, "SCREENED", 2)
    found = []
    for fast in (True, False):
        monkeypatch.setattr(module, "has_fast_bfloat16", lambda fast=fast: fast)
        found.append(neighbours(embeddings, k))
    return found[0], found[1]


@settings(deadline=None, max_examples=15)
@example(n=514, d=1, k=1, shift=0.0)  # one dimension: every query stands in a crowd
@given(st.integers(2, 900), st.integers(1, 40), st.integers(1, 12), st.sampled_from([0.0, 1.0, 30.0]))
def test_same_as_without(n: int, d: int, k: int, shift: float) -> None:
    """A shift crowds all directions together, as a network does whose features have collapsed."""
    embeddings = (np.random.default_rng(n).normal(size=(n, d)) + shift).astype(np.float16)
    with pytest.MonkeyPatch.context() as patch:
        screened, exact = _both(embeddings, k, patch)
    np.testing.assert_allclose(screened.similarity, exact.similarity, atol=3e-6)
    assert (np.diff(screened.similarity, axis=1) <= 0).all()
    for row, found in enumerate(screened.index.tolist()):
        assert len(set(found)) == len(found)
        assert row not in found


def test_copies_rows_without_direction_and_all_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = np.random.default_rng(0).normal(size=(1500, 16)).astype(np.float16)
    embeddings[100:1200] = embeddings[100]  # a crowd: more copies than any query keeps candidates
    embeddings[7], embeddings[1300, 2] = 0, np.nan
    screened, exact = _both(embeddings, 5, monkeypatch)
    np.testing.assert_allclose(screened.similarity, exact.similarity, atol=3e-6)
    assert (screened.index[[7, 1300]] == -1).all()
    assert not np.isin(np.delete(screened.index, [7, 1300], axis=0), [-1, 7, 1300]).any()
    alike, _ = _both(np.ones((900, 3), dtype=np.float16), 4, monkeypatch)
    np.testing.assert_allclose(alike.similarity, 1, atol=1e-6)
