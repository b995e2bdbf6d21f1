"""Neighbours of neighbours are likely neighbours: an approximate graph made better, round by round.

Every point is held against the neighbours of its neighbours, and of those whose neighbour it is. A round reads the
graph of the round before and writes another, so that any number of threads finds the same.

Letters: M points, D dimensions, k neighbours.

Source: Dong, Moses & Li 2011, doi 10.1145/1963405.1963487.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numba
import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.directions import directions

PIECES = 16  # a thread, so that none waits long for the others
BLOCK = 8192
_WHOLE = 32_767  # what 1 is in two bytes: cosines are right to about 1 part in 30,000


class NeighbourRounds:
    """The points' directions in two bytes a number: M · D · 2 bytes."""

    def __init__(self, embeddings: FloatArray, rows: IntArray, order: IntArray) -> None:
        """Keep the directions of `rows` (M,) of the embeddings.

        Args:
            embeddings: (N, D), any float dtype, may be memory-mapped; read block by block.
            rows: (M,) rows with a direction.
            order: (M,) all points, near ones beside each other: then what one reads lies in the cache for the next.
        """
        self._order = order.astype(np.int32)
        self._units = np.empty((len(rows), embeddings.shape[1]), dtype=np.int16)
        for start in range(0, len(rows), BLOCK):
            exact = directions(embeddings, rows[start : start + BLOCK]).numpy()
            self._units[start : start + BLOCK] = np.round(exact * _WHOLE)
        self._improve = _compiled()

    def better(self, index: IntArray) -> IntArray:
        """One round.

        Args:
            index: (M, k) int32 points that are near; none of them twice, none the point itself.

        Returns:
            The same or nearer ones, nearest first.
        """
        near = np.empty_like(index)
        threads = numba.get_num_threads()
        cuts = np.linspace(0, len(index), threads * PIECES + 1).astype(np.int64)
        graph = index, *_named_by(index)
        with ThreadPoolExecutor(threads) as pool:
            waiting = [
                pool.submit(self._improve, piece, self._order, self._units, graph, near) for piece in pairwise(cuts)
            ]
            for piece in waiting:
                piece.result()
        return near


def exact(
    embeddings: FloatArray, rows: IntArray, asked: IntArray, near: IntArray, device: torch.device
) -> tuple[IntArray, FloatArray]:
    """Neighbours (Q, k) of some points with their cosines in float32, largest first, ties by place."""
    queries = directions(embeddings, rows[asked], device)
    others = directions(embeddings, rows[near.ravel()], device).view(*near.shape, -1)
    cosine = (others * queries[:, None, :]).sum(2).clamp_(-1, 1).cpu().numpy()
    order = np.lexsort((near, -cosine), axis=1)
    return np.take_along_axis(near, order, 1), np.take_along_axis(cosine, order, 1)


def _named_by(index: IntArray) -> tuple[IntArray, IntArray]:
    """Whose neighbour each point is: first numbers (M + 1,) and the points, ascending."""
    k = index.shape[1]
    naming = (np.argsort(index.ravel(), kind="stable") // k).astype(np.int32)
    ends = np.cumsum(np.bincount(index.ravel(), minlength=len(index)))
    return np.concatenate([[0], ends]).astype(np.int64), naming


def _round(piece: Any, order: Any, units: Any, graph: Any, near: Any) -> None:
    """Write the neighbours of the points of one piece.

    Args:
        piece: First place in `order` and the one after the last.
        order: Points (M,).
        units: Their directions (M, D) int16.
        graph: Neighbours (M, k), and whose neighbour each point is, see `_named_by`.
        near: (M, k) to be written.
    """
    index, first, naming = graph
    k, dimensions = index.shape[1], units.shape[1]
    own, best = np.empty(dimensions, np.float32), np.empty(k, np.float32)
    for at in range(piece[0], piece[1]):
        point = order[at]
        found = near[point]
        best[:] = -np.inf
        for d in range(dimensions):
            own[d] = units[point, d]
        # Step 0 are its own neighbours, then theirs, then those that name it and theirs.
        for step in range(1 + k + min(k, first[point + 1] - first[point])):
            through = (
                point if step == 0 else index[point, step - 1] if step <= k else naming[first[point] + step - k - 1]
            )
            for turn in range(k + (step > k)):
                other = index[through, turn] if turn < k else through
                if other == point:
                    continue
                product = np.float32(0)
                for d in range(dimensions):
                    product += own[d] * np.float32(units[other, d])
                if product <= best[k - 1]:
                    continue
                is_known = False
                for place in range(k):
                    is_known |= found[place] == other and best[place] > -np.inf
                if is_known:
                    continue
                place = k - 1
                while place > 0 and best[place - 1] < product:
                    best[place], found[place] = best[place - 1], found[place - 1]
                    place -= 1
                best[place], found[place] = product, other


def _compiled() -> Callable[..., None]:
    """`_round` as machine code, kept on disk between processes where a folder can be written."""
    try:
        function: Callable[..., None] = numba.njit(
            _round, nogil=True, fastmath={"reassoc", "contract", "nsz"}, cache=True
        )
    except RuntimeError:  # no folder to keep it in
        function = numba.njit(_round, nogil=True, fastmath={"reassoc", "contract", "nsz"})
    return function
