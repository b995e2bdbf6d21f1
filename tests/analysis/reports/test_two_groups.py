"""Two groups that are there are found; where there are none, none are made up."""

import numpy as np
import pytest

from analysis.reports import two_groups as module
from analysis.reports.two_groups import two_groups


def _embeddings() -> np.ndarray:
    rng = np.random.default_rng(0)
    centre = np.repeat(rng.normal(size=(2, 8)) * 3, [30, 12], axis=0)
    return (centre + rng.normal(size=(42, 8)) * 0.3).astype(np.float16)


def test_the_smaller_group_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = _embeddings()
    rows = np.random.default_rng(1).permutation(42)
    np.testing.assert_array_equal(two_groups(embeddings, rows), rows >= 30)
    monkeypatch.setattr(module, "_FITTED", 20)
    monkeypatch.setattr(module, "_BLOCK", 5)
    np.testing.assert_array_equal(two_groups(embeddings, rows), rows >= 30)


def test_rows_without_a_direction_stay() -> None:
    embeddings = np.vstack([_embeddings(), np.zeros((1, 8)), np.full((1, 8), np.nan)]).astype(np.float16)
    found = two_groups(embeddings, np.arange(44))
    assert found is not None
    assert np.flatnonzero(found).tolist() == list(range(30, 42))


@pytest.mark.parametrize("embeddings", [np.ones((9, 4)), np.zeros((9, 4)), np.full((9, 4), np.nan), np.ones((3, 4))])
def test_all_in_one_place_is_no_two_groups(embeddings: np.ndarray) -> None:
    assert two_groups(embeddings.astype(np.float16), np.arange(len(embeddings))) is None
