"""Neighbours in head space against the full matrix of a small head."""

import numpy as np
import pytest

from analysis.reports import head_neighbours
from analysis.reports.head_neighbours import nearest_rows, place_in_group


@pytest.mark.parametrize("block", [7, 10_000])
def test_against_the_full_matrix(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(head_neighbours, "_BLOCK", block)
    weight = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    unit = weight / np.linalg.norm(weight, axis=1, keepdims=True)
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -np.inf)
    index, found = nearest_rows(weight, 3, 5)
    assert index.tolist() == np.argsort(-cosine[3])[:5].tolist()
    np.testing.assert_allclose(found, np.sort(cosine[3])[::-1][:5], rtol=1e-5)


def test_rows_that_point_nowhere() -> None:
    weight = np.eye(4, dtype=np.float32)
    weight[1], weight[2] = 0, np.nan
    assert nearest_rows(weight, 0, 9)[0].tolist() == [3]
    assert len(nearest_rows(weight, 1, 9)[0]) == 0
    assert len(nearest_rows(weight, 2, 9)[0]) == 0


def test_the_place_among_its_group() -> None:
    values, group = np.array([1.0, 2.0, 2.0, 5.0, 9.0, np.nan]), np.array([0, 0, 0, 0, 1, 0])
    assert place_in_group(values, group, 1) == (pytest.approx(1.5 / 3), 3)
    assert place_in_group(values, group, 3) == (1.0, 3)
    share, others = place_in_group(values, group, 4)
    assert np.isnan(share)
    assert others == 0
    assert np.isnan(place_in_group(values, group, 5)[0])
