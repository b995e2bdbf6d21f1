"""Would the same clusters be found again? Clusters against those of other drawings of the samples and of the map."""

from collections.abc import Callable

import numpy as np

from analysis.arrays import FloatArray, IntArray

SHARE = 0.8  # of the samples, drawn without replacement
SOLID, DISSOLVED = 0.75, 0.5  # Hennig's marks: a valid cluster, and one that is gone


def stability(
    assigned: IntArray,
    again: Callable[[int], FloatArray],
    find: Callable[[FloatArray, IntArray], IntArray],
    *,
    times: int,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> FloatArray:
    """Mean over resamplings of the best Jaccard index that each cluster reaches among the clusters found again.

    Args:
        assigned: (N,) 0 … G − 1, −1 = in none.
        again: the number of a resampling → (N, d) points laid out anew, NaN where a sample has no place.
        find: such points of the samples drawn, and their numbers (n,) → (n,) clusters.
        times: Resamplings; 0 gives NaN.
        seed: Of the samples drawn.
        progress: Called with resamplings done and in all.

    Returns:
        (G,) 0..1; Hennig calls 0.75 and more valid, less than 0.5 dissolved.

    Source: Hennig 2007, doi 10.1016/j.csda.2006.11.025 (subsetting).
    """
    rng = np.random.default_rng(seed)
    groups = int(assigned.max(initial=-1)) + 1
    best = np.full((times, groups), np.nan)
    for number in range(times):
        rows = np.sort(rng.choice(len(assigned), int(np.ceil(SHARE * len(assigned))), replace=False))
        best[number] = best_match(assigned[rows], find(again(number)[rows], rows), groups)
        if progress is not None:
            progress(number + 1, times)
    known = np.isfinite(best)
    return np.asarray(np.where(known, best, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan))


def best_match(one: IntArray, other: IntArray, groups: int) -> FloatArray:
    """(G,) largest Jaccard index of each cluster of `one` with any of `other`; NaN for one without samples here."""
    found = int(other.max(initial=-1)) + 1
    size = np.bincount(one[one >= 0], minlength=groups)
    if found == 0:
        return np.where(size > 0, 0.0, np.nan)
    both = (one >= 0) & (other >= 0)
    pairs, count = np.unique(one[both].astype(np.int64) * found + other[both], return_counts=True)
    mine, theirs = pairs // found, pairs % found
    other_size = np.bincount(other[other >= 0], minlength=found)
    best = np.zeros(groups)
    np.maximum.at(best, mine, count / (size[mine] + other_size[theirs] - count))
    return np.where(size > 0, best, np.nan)
