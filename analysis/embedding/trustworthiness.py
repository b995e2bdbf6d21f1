"""How far the map can be believed: are a sample's neighbours on the plane its neighbours in embedding space?"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from analysis.arrays import FloatArray, IntArray

NEIGHBOURS = 15
MANY = 200_000  # samples beyond which fewer references are drawn
REFERENCES = (2_500, 1_500)  # up to `MANY` samples, and beyond
_BLOCK = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Trustworthiness:
    """N samples' places on a map, judged.

    Attributes:
        overall: mean over the references, 0..1. 1 = every neighbour on the map is a neighbour in embedding space;
            about 0.5 = the map shows no more than chance.
        of_sample: (N,) float32, the same for each sample; NaN for one that has no place.
        references: M, how many samples it was measured among.
        neighbours: k, how many neighbours on the map were looked at.
    """

    overall: float
    of_sample: FloatArray
    references: int
    neighbours: int


def trustworthiness(
    embeddings: FloatArray,
    points: FloatArray,
    *,
    neighbours: int = NEIGHBOURS,
    references: int | None = None,
    seed: int = 0,
) -> Trustworthiness | None:
    """Measure it among a random part of the samples.

    For sample i and each j of its k nearest references on the map, r(i, j) is the rank of j among all references by
    cosine similarity (1 = most similar; ties get the better rank). Of sample i it is
    1 − 2 / (k (2M − 3k − 1)) · Σ_j max(0, r(i, j) − k); the mean over the references is scikit-learn's
    ``trustworthiness`` of them.

    Args:
        embeddings: (N, D), any float dtype, may be memory-mapped.
        points: (N, 2) places; rows that are not finite are left out.
        neighbours: k; fewer where there are not more than 2k samples.
        references: M at most; default: 2,500, or 1,500 beyond 200,000 samples.
        seed: Of the draw.

    Returns:
        None where fewer than three samples have a place.

    Source:
        Venna and Kaski 2001, Neighborhood preservation in nonlinear projection methods.
    """
    placed = np.flatnonzero(np.isfinite(points).all(axis=1))
    most = references or REFERENCES[len(placed) > MANY]
    drawn = np.sort(np.random.default_rng(seed).permutation(placed)[:most])
    k = min(neighbours, (len(drawn) - 1) // 2)
    if k < 1:
        return None
    keys, tree = _directions(embeddings, drawn).T, cKDTree(points[drawn])
    place = np.full(len(points), -1, dtype=np.int64)  # of a sample among the references
    place[drawn] = np.arange(len(drawn))
    result = np.full(len(points), np.nan, dtype=np.float32)
    for start in range(0, len(placed), _BLOCK):
        rows = placed[start : start + _BLOCK]
        near = _on_the_map(tree, points[rows], place[rows], k)
        similarity = _directions(embeddings, rows) @ keys
        among = place[rows] >= 0
        similarity[among, place[rows][among]] = -np.inf
        others = len(drawn) + (~among).astype(np.int64)
        result[rows] = 1 - 2 * _beyond(similarity, near) / (k * (2 * others - 3 * k - 1))
    return Trustworthiness(
        overall=float(result[drawn].mean(dtype=np.float64)), of_sample=result, references=len(drawn), neighbours=k
    )


def _directions(embeddings: FloatArray, rows: IntArray) -> FloatArray:
    block = np.array(embeddings[rows], dtype=np.float32)
    block /= np.maximum(np.abs(block).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)  # no square overflows
    block /= np.maximum(np.linalg.norm(block, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return np.asarray(block, dtype=np.float32)


def _on_the_map(tree: cKDTree, points: FloatArray, own: IntArray, k: int) -> IntArray:
    """(B, k) the nearest references of each point, itself (`own`, −1 = is none) left out."""
    near = np.asarray(tree.query(points, k + 1)[1])
    is_self = near == own[:, None]
    is_self[~is_self.any(axis=1), -1] = True  # not met: the one too many goes
    return np.asarray(near[~is_self].reshape(-1, k))


def _beyond(similarity: FloatArray, near: IntArray) -> FloatArray:
    """(B,) sum over the k of how far their rank lies beyond k."""
    k = near.shape[1]
    total = np.zeros(len(near), dtype=np.float64)
    for column in near.T:
        value = np.take_along_axis(similarity, column[:, None], 1)
        total += np.maximum(0, np.count_nonzero(similarity > value, axis=1) + 1 - k)
    return total
