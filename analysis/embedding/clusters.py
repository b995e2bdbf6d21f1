"""Groups of samples that stand together on the map, right and wrong ones alike.

All samples are clustered, not the failures alone: a group of failures has no denominator. What was measured before
choosing this way stands in docs/decisions/0002-clusters.md.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.embedding.neighbours import Neighbours
from analysis.embedding.principal_axes import principal_axes
from analysis.embedding.projection import project

FEWEST = 15
SHARE = 500  # a cluster has at least N / 500 samples
DENSITY = 5  # neighbours that tell how dense a place is
LARGEST = 3  # a cluster of more than a third of all samples says nothing and hides what is inside
MOST = 100_000  # points that HDBSCAN itself sees
NOISY = 0.4
AXES = 10
_REACH = 0.9  # of a failure cluster's members have their nearest other within the distance in which right ones join


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How clusters are looked for.

    Attributes:
        min_size: samples a cluster needs, at least 2; None: 15 and N / 500.
        method: ``eom`` (excess of mass: few, large) or ``leaf`` (many, small).
        epsilon: distance in the space below which clusters are not parted; 0 parts all.
        of: ``all`` samples, or the ``failures``, whose clusters right samples between them then join.
        space: the ``map``, or the first ten principal ``axes`` of the embeddings.
    """

    min_size: int | None = None
    method: str = "eom"
    epsilon: float = 0.0
    of: str = "all"
    space: str = "map"

    def least(self, samples: int) -> int:
        """Samples a cluster needs among so many."""
        return self.min_size or max(FEWEST, samples // SHARE)


USUAL = Parameters()


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
    return cluster_points(points, USUAL, seed, notice=notice)


def cluster_points(
    points: FloatArray,
    parameters: Parameters = USUAL,
    seed: int = 0,
    *,
    wrong: BoolArray | None = None,
    notice: Callable[[str], None] | None = None,
) -> IntArray:
    """The same in any space and with any parameters; see `cluster`.

    Args:
        points: (N, d), NaN where a sample has no place.
        parameters: How to look.
        seed: Of the random part.
        wrong: (N,) which samples fail; needed where the failures alone are clustered.
        notice: Told what a person should know.

    Returns:
        (N,) int32, 0 = the largest cluster, −1 = in none.
    """
    placed = np.flatnonzero(np.isfinite(points).all(axis=1))
    if parameters.of == "failures" and wrong is not None:
        placed = placed[wrong[placed]]
    least = parameters.least(len(placed))
    assigned: IntArray = np.full(len(points), -1, dtype=np.int32)
    if len(placed) >= 2 * least:  # fewer cannot fall into two groups
        assigned[placed] = _clustered(points[placed], parameters, least, seed)
    if parameters.of == "failures" and wrong is not None:
        _join(assigned, points, wrong)
    assigned = _by_size(assigned)
    if notice is not None:
        if len(placed) > MOST:
            notice(
                f"Clusters were found among {MOST:,} of {len(placed):,} samples, drawn at random; every other is in "
                "the cluster of the nearest of these."
            )
        if sentence := _reservation(assigned, least):
            notice(sentence)
    return assigned


def points_in(space: str, embeddings: FloatArray, projection: FloatArray) -> FloatArray:
    """(N, d) where samples stand in a space of `Parameters`, NaN where they have no place on the map.

    Args:
        space: ``map`` or ``axes``.
        embeddings: (N, D).
        projection: (N, 2).
    """
    if space == "map":
        return projection
    placed = np.flatnonzero(np.isfinite(projection).all(axis=1))
    points = np.full((len(projection), AXES), np.nan, dtype=np.float32)
    points[placed] = principal_axes(embeddings, placed, AXES)
    return points


def _clustered(points: FloatArray, parameters: Parameters, least: int, seed: int) -> IntArray:
    if len(points) <= MOST:
        return _fine(points, parameters, least)
    part = np.sort(np.random.default_rng(seed).choice(len(points), MOST, replace=False))
    found = _fine(points[part], parameters, max(FEWEST, least * MOST // len(points)))
    _, nearest = cKDTree(points[part]).query(points)
    return found[nearest]


def _fine(points: FloatArray, parameters: Parameters, least: int) -> IntArray:
    """With the limit on size, unless the data are few large groups and the limit breaks them into noise."""
    limited = _hdbscan(points, parameters, least, max(2 * least, len(points) // LARGEST))
    if _alone(limited) <= NOISY or parameters.method == "leaf":
        return limited
    unlimited = _hdbscan(points, parameters, least, 0)
    return unlimited if _alone(unlimited) < _alone(limited) else limited


def _hdbscan(points: FloatArray, parameters: Parameters, least: int, most: int) -> IntArray:
    from hdbscan import HDBSCAN

    with warnings.catch_warnings():
        # Points that coincide have no distance to compare; hdbscan says so and treats them rightly.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"hdbscan\..*")
        found = HDBSCAN(
            min_cluster_size=least,
            max_cluster_size=most,
            min_samples=DENSITY,
            cluster_selection_method=parameters.method,
            cluster_selection_epsilon=float(parameters.epsilon),
            core_dist_n_jobs=1,
        ).fit_predict(points.astype(np.float64))
    return np.asarray(found, dtype=np.int32)


def _join(assigned: IntArray, points: FloatArray, wrong: BoolArray) -> None:
    """Right samples join the cluster of the nearest failure, where they are no farther than its failures are."""
    failing = np.flatnonzero(assigned >= 0)
    right = np.flatnonzero(~wrong & np.isfinite(points).all(axis=1))
    if not len(failing) or not len(right):
        return
    tree = cKDTree(points[failing])
    apart = np.asarray(tree.query(points[failing], k=2)[0])[:, 1]
    reach = np.array(
        [np.quantile(apart[assigned[failing] == number], _REACH) for number in range(int(assigned.max()) + 1)]
    )
    distance, nearest = tree.query(points[right])
    group = assigned[failing[nearest]]
    near = distance <= reach[group]
    assigned[right[near]] = group[near]


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
