"""The two groups that a set of embeddings falls into: what a person gets who splits a cluster."""

import warnings

import numpy as np
from scipy.cluster.vq import kmeans2

from analysis.arrays import BoolArray, FloatArray, IntArray

FEWEST = 4  # samples, below which there is nothing to split
_FITTED = 4_000  # samples that the two centres are found among
_STARTS = 4
_BLOCK = 8192
_STRAY = 0.05  # a smaller group is strays: taken only where no start finds a larger one
_SAME = 1e-5  # directions that differ by rounding alone


def two_groups(embeddings: FloatArray, rows: IntArray, seed: int = 0) -> BoolArray | None:
    """Split some samples by 2-means of their directions (best of four starts).

    Args:
        embeddings: (N, D), any float dtype, may be memory-mapped.
        rows: (n,) the samples.
        seed: Of the starts and, above 4,000 samples, of those that are fitted.

    Returns:
        (n,) True for the smaller group (of equal ones, the one without the first sample); samples without a direction
        stay in the larger. None where there are no two groups: fewer than four samples, or all in one place.

    Source: MacQueen 1967; Arthur and Vassilvitskii 2007 (starts).
    """
    if len(rows) < FEWEST:
        return None
    rng = np.random.default_rng(seed)
    fitted = rows if len(rows) <= _FITTED else np.sort(rng.choice(rows, _FITTED, replace=False))
    points = _directions(embeddings, fitted)
    points = points[np.isfinite(points).all(axis=1)]
    centres = _centres(points, rng) if len(points) >= FEWEST else None
    if centres is None:
        return None
    blocks = (_directions(embeddings, rows[at : at + _BLOCK]) for at in range(0, len(rows), _BLOCK))
    side = np.concatenate([_side(block, centres) for block in blocks])
    count = [int((side == number).sum()) for number in (0, 1)]
    if 0 in count:
        return None
    first = side[side >= 0][0]
    return np.asarray(side == (1 - first if count[0] == count[1] else int(np.argmin(count))))


def _directions(embeddings: FloatArray, rows: IntArray) -> FloatArray:
    """(n, D) float32 of length 1; NaN for a row that is zero or not finite."""
    block = np.asarray(embeddings[rows], dtype=np.float32)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        block = block / np.abs(block).max(axis=1, keepdims=True)
        return np.asarray(block / np.linalg.norm(block, axis=1, keepdims=True))


def _centres(points: FloatArray, rng: np.random.Generator) -> FloatArray | None:
    if float(np.ptp(points, axis=0).max()) < _SAME:
        return None
    best: FloatArray | None = None
    least = (True, np.inf)
    for _ in range(_STARTS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # one of the two came out empty
            centres, group = kmeans2(points, 2, iter=20, minit="++", rng=rng)
        spread = float(((points - centres[group]) ** 2).sum())
        smaller = min((group == number).mean() for number in (0, 1))
        if smaller > 0 and (smaller < _STRAY, spread) < least:
            best, least = centres, (smaller < _STRAY, spread)
    return best


def _side(points: FloatArray, centres: FloatArray) -> IntArray:
    """(n,) the nearer centre, 0 or 1; −1 for a point that is none."""
    distance = np.stack([((points - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
    return np.where(np.isfinite(distance).all(axis=1), np.nan_to_num(distance).argmin(axis=1), -1)
