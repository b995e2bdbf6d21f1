"""Clusters against groups that were put there."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from analysis.arrays import FloatArray, IntArray
from analysis.embedding import clusters as module
from analysis.embedding.clusters import cluster
from analysis.embedding.neighbours import Neighbours, neighbours

NONE = Neighbours(index=np.empty((0, 0), dtype=np.int32), similarity=np.empty((0, 0), dtype=np.float32))


def _map(sizes: list[int], seed: int = 0) -> tuple[FloatArray, IntArray]:
    """Round groups far from each other on a plane, shuffled."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    angle = 2 * np.pi * group / len(sizes)
    return (np.stack([np.cos(angle), np.sin(angle)], axis=1) * 20 + rng.normal(size=(len(group), 2))).astype(
        np.float32
    ), group


def _cluster(points: FloatArray, **options: object) -> IntArray:
    return cluster(points, NONE, projection=points, **options)  # type: ignore[arg-type]


def test_groups_are_found_and_numbered_by_size() -> None:
    points, group = _map([30, 90, 60, 45])
    found = _cluster(points)
    assert found.dtype == np.int32
    assert adjusted_rand_score(group, found) > 0.95
    sizes = np.bincount(found[found >= 0])
    assert sizes.tolist() == sorted(sizes, reverse=True)
    np.testing.assert_array_equal(_cluster(points), found)


def test_without_a_projection_one_is_made(blobs: tuple[FloatArray, IntArray]) -> None:
    embeddings, group = blobs
    assert adjusted_rand_score(group, cluster(embeddings, neighbours(embeddings))) == 1


def test_one_large_group_does_not_hide_the_groups_inside() -> None:
    rng = np.random.default_rng(0)
    inside = np.repeat(np.arange(8), 40)
    ridge = np.stack([2.0 * inside, np.zeros(320)], axis=1) + rng.normal(size=(320, 2)) * 0.5
    far = rng.normal(size=(60, 2)) * 0.5 + [0, 60]
    found = _cluster(np.vstack([ridge, far]).astype(np.float32))
    assert np.bincount(found[found >= 0]).max() <= 380 // 3
    assert adjusted_rand_score(np.append(inside, [8] * 60)[found >= 0], found[found >= 0]) > 0.6


def test_two_clean_groups_are_two_clusters_whatever_their_size() -> None:
    points, group = _map([300, 100])
    assert adjusted_rand_score(group, _cluster(points)) > 0.95


def test_a_part_is_clustered_and_the_others_join_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    points, group = _map([120, 100, 80])
    monkeypatch.setattr(module, "MOST", 150)
    said: list[str] = []
    found = _cluster(points, notice=said.append)
    assert [sentence for sentence in said if sentence.startswith("Clusters were found among 150 of 300 samples")]
    assert adjusted_rand_score(group[found >= 0], found[found >= 0]) == 1
    assert (found >= 0).mean() > 0.9


@pytest.mark.parametrize("n", [0, 1, 29])
def test_too_few_samples_are_in_no_cluster(n: int) -> None:
    said: list[str] = []
    found = _cluster(np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32), notice=said.append)
    assert found.tolist() == [-1] * n
    assert said == ["No clusters: no group of at least 15 samples stands apart from the others."]


def test_samples_that_are_not_on_the_map_are_in_no_cluster() -> None:
    points, _ = _map([50, 50, 50, 50])
    points[[3, 77]] = np.nan
    found = _cluster(points)
    assert (found[[3, 77]] == -1).all()
    assert (found >= 0).sum() > 180


def test_points_that_coincide_do_not_stop_it() -> None:
    points = np.repeat(np.array([[0, 0], [5, 5], [9, 0], [0, 9]], dtype=np.float32), 30, axis=0)
    found = _cluster(points)
    assert sorted(np.bincount(found + 1).tolist()) == [0, 30, 30, 30, 30]


def test_much_noise_is_said() -> None:
    rng = np.random.default_rng(1)
    dense = np.vstack([rng.normal(size=(20, 2)) * 0.01, rng.normal(size=(20, 2)) * 0.01 + 50])
    said: list[str] = []
    found = _cluster(np.vstack([dense, rng.uniform(-2000, 2000, size=(60, 2))]).astype(np.float32), notice=said.append)
    share = (found < 0).mean()
    assert share > 0.4
    assert said == [
        f"{share:.0%} of the samples are in no cluster: the embedding has few dense groups, read them with care."
    ]
