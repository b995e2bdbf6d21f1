"""More pictures like some: nearest to a set of samples by cosine, then as different from each other as they can be."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import FloatArray, IntArray

MOST_QUERIES = 512  # of a larger set, so many samples are asked with, evenly spread over it
PER_RESULT = 5  # nearest pictures that a diverse choice has for each place
_BLOCK = 8192


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alike:
    """k pictures of a pool, in the order they were chosen.

    Attributes:
        row: (k,) place in the pool's listing.
        similarity: (k,) cosine to the nearest of the samples asked with, −1..1.
        query: (k,) which of these it is nearest to: its place among the queries.
    """

    row: IntArray
    similarity: FloatArray
    query: IntArray


def asked_with(samples: IntArray) -> IntArray:
    """At most 512 of some samples, evenly spread over their order."""
    if len(samples) <= MOST_QUERIES:
        return samples
    return samples[np.linspace(0, len(samples) - 1, MOST_QUERIES).round().astype(np.int64)]


def alike(blocks: Iterable[tuple[IntArray, FloatArray]], queries: FloatArray, k: int, *, diverse: bool = True) -> Alike:
    """Search a pool; memory does not grow with it.

    Nearness is the largest cosine to any of the queries. A diverse choice takes, of the 5 · k nearest, the nearest one
    first and then, one by one, the one that is least like anything chosen already (greedy max-min; ties: the nearer).

    Args:
        blocks: Rows (n,) and embeddings (n, D), part by part. Zero and not finite ones are nobody's neighbours.
        queries: (Q, D), Q ≥ 1.
        k: How many.
        diverse: False takes the nearest alone; among equals the lowest row.

    Source:
        Farthest-first choice: Gonzalez 1985, doi 10.1016/0304-3975(85)90224-5.
    """
    asked, _ = _unit(queries)
    wanted = k * PER_RESULT if diverse else k
    kept = _Candidates.none(queries.shape[1])
    for rows, embeddings in blocks:
        for start in range(0, len(rows), _BLOCK):
            part = slice(start, start + _BLOCK)
            kept = kept.joined(_candidates(rows[part], embeddings[part], asked)).nearest(wanted)
    order = _far_apart(kept.unit, k) if diverse else np.arange(min(k, len(kept.row)))
    return Alike(row=kept.row[order], similarity=kept.similarity[order], query=kept.query[order])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Candidates:
    row: IntArray
    unit: FloatArray  # (n, D) of length 1
    similarity: FloatArray
    query: IntArray

    @classmethod
    def none(cls, dims: int) -> "_Candidates":
        no = np.zeros(0, dtype=np.int64)
        return cls(row=no, unit=np.zeros((0, dims), dtype=np.float32), similarity=np.zeros(0), query=no)

    def joined(self, other: "_Candidates") -> "_Candidates":
        both = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__slots__}
        return _Candidates(**both)

    def nearest(self, count: int) -> "_Candidates":
        order = np.lexsort((self.row, -self.similarity))[:count]
        return _Candidates(**{name: getattr(self, name)[order] for name in self.__slots__})


def _candidates(rows: IntArray, embeddings: FloatArray, asked: FloatArray) -> _Candidates:
    unit, usable = _unit(embeddings)
    cosine = unit[usable] @ asked.T
    best = cosine.argmax(axis=1)
    similarity = cosine[np.arange(len(best)), best].astype(np.float64)
    return _Candidates(row=rows[usable], unit=unit[usable], similarity=np.clip(similarity, -1, 1), query=best)


def _unit(vectors: FloatArray) -> tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The same with length 1, float32; and which of them have a direction at all."""
    values = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(values, axis=1)
    usable = np.isfinite(length) & (length > 0)
    return np.where(usable[:, None], values, 0) / np.where(usable, length, 1)[:, None], usable


def _far_apart(unit: FloatArray, k: int) -> IntArray:
    """Places of k candidates, which come nearest first."""
    if not len(unit):
        return np.zeros(0, dtype=np.int64)
    chosen = [0]
    closest = unit @ unit[0]  # largest cosine to what is chosen
    while len(chosen) < min(k, len(unit)):
        closest[chosen[-1]] = np.inf
        chosen.append(int(closest.argmin()))
        closest = np.maximum(closest, unit @ unit[chosen[-1]])
    return np.array(chosen, dtype=np.int64)
