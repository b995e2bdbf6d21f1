"""Clusters and how far they can be trusted: found once, then again from other drawings of samples and map.

Processor seconds: about 2 for 2,000 samples and 8 for 10,000. Above 20,000 the map stays as it is and HDBSCAN
alone runs again, three to seven times.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.embedding.clusters import MOST, USUAL, Parameters, cluster_points, points_in
from analysis.embedding.neighbours import Neighbours
from analysis.embedding.projection import project
from analysis.embedding.stability import SHARE, stability
from analysis.progress import ProgressCallback, silent

_LAYOUTS, _LAID_OUT = 3, 20_000  # maps drawn anew at most, and samples placed for them in all
_FEWEST_TIMES, _TIMES, _DRAWN = (
    3,
    12,
    150_000,
)  # resamplings at least and at most, and samples clustered for them in all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clustering:
    """`assigned` (N,) int32, −1 = in none; `facts` for ``clustering.json``, with the stability of each cluster."""

    assigned: IntArray
    facts: dict[str, Any]


def find_clusters(
    embeddings: FloatArray,
    neighbours: Neighbours,
    projection: FloatArray,
    seed: int = 0,
    *,
    parameters: Parameters = USUAL,
    wrong: BoolArray | None = None,
    progress: ProgressCallback = silent,
    notice: Callable[[str], None] | None = None,
) -> Clustering:
    """Cluster N samples and cluster again, from 80 % of them and from other layouts of the map.

    How often depends on N alone, so that the same run gives the same figures: 3 to 12 times, over at most four maps;
    above 20,000 samples the map stays as it is.

    Args:
        embeddings: (N, D).
        neighbours: Their graph.
        projection: (N, 2) the run's map.
        seed: Of everything random.
        parameters: How to look.
        wrong: (N,) which samples fail, for the clusters of failures.
        progress: Called with ``clusters``, done, total.
        notice: Told what a person should know.
    """
    told: list[str] = []
    points = points_in(parameters.space, embeddings, projection)
    assigned = cluster_points(points, parameters, seed, wrong=wrong, notice=told.append)
    placed = int(np.isfinite(points).all(axis=1).sum())
    times, layouts = _budget(placed, parameters) if (assigned >= 0).any() else (0, 0)
    maps = [points]
    for number in range(layouts):
        progress("clusters", number, layouts + times)
        maps.append(project(embeddings, neighbours, seed + 1 + number))
    least = parameters.least(placed if wrong is None or parameters.of == "all" else int(wrong.sum()))

    def find(part: FloatArray, rows: IntArray) -> IntArray:
        share = Parameters(**{**asdict(parameters), "min_size": max(2, round(least * SHARE))})
        drawn = np.arange(len(part)) if len(part) <= MOST else np.arange(0, len(part), -(-len(part) // MOST))
        found = np.full(len(part), -1, dtype=np.int32)
        found[drawn] = cluster_points(part[drawn], share, seed, wrong=None if wrong is None else wrong[rows[drawn]])
        return found

    known = stability(
        assigned,
        lambda number: maps[number % len(maps)],
        find,
        times=times,
        seed=seed,
        progress=lambda done, total: progress("clusters", layouts + done, layouts + total),
    )
    if notice is not None:
        for sentence in told:
            notice(sentence)
    facts = {
        "parameters": asdict(parameters) | {"min_size": least},
        "samples": len(assigned),
        "clusters": int(assigned.max(initial=-1)) + 1,
        "in_none": int((assigned < 0).sum()),
        "resamplings": times,
        "layouts": layouts,
        "stability": [None if value != value else round(float(value), 4) for value in known],  # noqa: PLR0124 - NaN
        "notices": told,
    }
    return Clustering(assigned=assigned, facts=facts)


def _budget(samples: int, parameters: Parameters) -> tuple[int, int]:
    """Resamplings, and maps to draw anew for them."""
    times = int(np.clip(_DRAWN // max(1, samples), _FEWEST_TIMES, _TIMES))
    return times, min(_LAYOUTS, _LAID_OUT // max(1, samples)) if parameters.space == "map" else 0
