"""Many rows, with the limits lowered: what is found, and what is said of it."""

from itertools import pairwise

import numpy as np
import pytest

from analysis.arrays import FloatArray
from analysis.embedding import cells
from analysis.embedding import neighbours as module
from analysis.embedding.neighbours import neighbours
from analysis.embedding.projection import project


@pytest.fixture(autouse=True)
def _low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "ROWS", 40)
    monkeypatch.setattr(cells, "MEASURED", 200)
    monkeypatch.setattr(cells, "BLOCK", 700)


def _grouped(n: int) -> FloatArray:
    rng = np.random.default_rng(0)
    centre = rng.normal(size=(30, 16)) * 2
    return (centre[rng.integers(30, size=n)] + rng.normal(size=(n, 16)) * 0.7).astype(np.float16)


def test_most_true_neighbours_are_found_and_the_share_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = _grouped(3000)
    embeddings[17], embeddings[1900, 3] = 0, np.nan
    exact = neighbours(embeddings, 10, device="cpu")
    monkeypatch.setattr(module, "EXACT", 2000)
    said: list[str] = []
    done: list[tuple[int, int]] = []
    found = neighbours(embeddings, 10, device="cpu", notice=said.append, progress=lambda a, b: done.append((a, b)))
    shared = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.index, exact.index, strict=True) if a[0] >= 0])
    assert shared > 0.9
    assert len(said) == 1
    assert abs(float(said[0].split("only: ")[1].split("%")[0]) / 100 - shared) < 0.03
    assert done[-1] == (2998, 2998)
    assert all(first[0] <= second[0] for first, second in pairwise(done))
    assert (found.index[[17, 1900]] == -1).all()
    assert not (found.index == np.arange(3000)[:, None]).any()
    assert (np.diff(found.similarity, axis=1) <= 0).all()
    again = neighbours(embeddings, 10, device="cpu")
    np.testing.assert_array_equal(again.index, found.index)
    assert np.isfinite(project(embeddings, found)).all(axis=1).sum() == 2998


@pytest.mark.parametrize("kind", ["alike", "two places"])
def test_crowds_of_copies_get_their_neighbours(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXACT", 100)
    monkeypatch.setattr(cells, "KEYS", 300)
    embeddings = np.ones((900, 4), dtype=np.float16)
    if kind == "two places":
        embeddings[450:, 0] = -3
    found = neighbours(embeddings, 5, device="cpu")
    assert (found.index >= 0).all()
    np.testing.assert_allclose(found.similarity, 1, atol=1e-6)
    assert not (found.index == np.arange(900)[:, None]).any()
