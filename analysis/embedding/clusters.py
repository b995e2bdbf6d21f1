"""Groups of samples that stand together on the map, right and wrong ones alike.

All samples are clustered, not the failures alone: a group of failures has no denominator. What was measured before
choosing this way stands in docs/decisions/0002-clusters.md.
"""

import warnings
from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.neighbours import Neighbours
from analysis.embedding.projection import project

FEWEST = 15
SHARE = 500  # a cluster has at least N / 500 samples
DENSITY = 5  # neighbours that tell how dense a place is
LARGEST = 3  # a cluster of more than a third of all samples says nothing and hides what is inside
MOST = 100_000  # points that HDBSCAN itself sees
NOISY = 0.4


def cluster(
    embeddings: FloatArray,
    neighbours: Neighbours,
    seed: int = 0,
    *,
    projection: FloatArray | None = None,
    notice: Callable[[str], None] | None = None,
) -> IntArray:
    """Find dense groups on the map by HDBSCAN (excess of mass).

    A cluster has at least 15 samples and N / 500, and at most a third of all; where that limit leaves 40 % of the
    samples or more in none, as it does with two clean classes, it is lifted. Above 100,000 samples a random part of
    them is clustered and every other joins the nearest of these.

    Args:
        embeddings: (N, D), used only where there is no projection.
        neighbours: Their graph, likewise.
        seed: Of the layout and of the random part.
        projection: (N, 2) where `project` placed the samples, NaN where it did not; made here when left out.
        notice: Told, in one sentence, what a person should know about these clusters.

    Returns:
        (N,) int32, 0 = the largest cluster, −1 = in none.

    Source: Campello, Moulavi & Sander 2013, doi 10.1007/978-3-642-37456-2_14.
    """
    points = project(embeddings, neighbours, seed) if projection is None else projection
    placed = np.flatnonzero(np.isfinite(points).all(axis=1))
    least = max(FEWEST, len(placed) // SHARE)
    assigned = np.full(len(points), -1, dtype=np.int32)
    if len(placed) >= 2 * least:  # fewer cannot fall into two groups
        assigned[placed] = _by_size(_clustered(points[placed], least, seed))
    if notice is not None and (sentence := _reservation(assigned, least)):
        notice(sentence)
    return assigned


def _clustered(points: FloatArray, least: int, seed: int) -> IntArray:
    if len(points) <= MOST:
        return _fine(points, least)
    part = np.sort(np.random.default_rng(seed).choice(len(points), MOST, replace=False))
    found = _fine(points[part], max(FEWEST, MOST // SHARE))
    _, nearest = cKDTree(points[part]).query(points)
    return found[nearest]


def _fine(points: FloatArray, least: int) -> IntArray:
    """With the limit on size, unless the data are few large groups and the limit breaks them into noise."""
    limited = _hdbscan(points, least, max(2 * least, len(points) // LARGEST))
    if _alone(limited) <= NOISY:
        return limited
    unlimited = _hdbscan(points, least, 0)
    return unlimited if _alone(unlimited) < _alone(limited) else limited


def _hdbscan(points: FloatArray, least: int, most: int) -> IntArray:
    from hdbscan import HDBSCAN

    with warnings.catch_warnings():
        # Points that coincide have no distance to compare; hdbscan says so and treats them rightly.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"hdbscan\..*")
        found = HDBSCAN(
            min_cluster_size=least, max_cluster_size=most, min_samples=DENSITY, core_dist_n_jobs=1
        ).fit_predict(points.astype(np.float64))
    return np.asarray(found, dtype=np.int32)


def _alone(assigned: IntArray) -> float:
    return float((assigned < 0).mean())


def _by_size(found: IntArray) -> IntArray:
    """Renumbered so that 0 is the largest; equal sizes in order of their first sample."""
    numbers, first, size = np.unique(found[found >= 0], return_index=True, return_counts=True)
    renumbered = np.full(len(numbers) + 1, -1, dtype=np.int32)  # the last place answers for −1
    renumbered[numbers[np.lexsort((first, -size))]] = np.arange(len(numbers), dtype=np.int32)
    return renumbered[found]


def _reservation(assigned: IntArray, least: int) -> str:
    if not (assigned >= 0).any():
        return f"No clusters: no group of at least {least} samples stands apart from the others."
    alone = _alone(assigned)
    if alone > NOISY:
        return f"{alone:.0%} of the samples are in no cluster: the embedding has few dense groups, read them with care."
    return ""
