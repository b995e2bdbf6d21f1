"""Neighbours of very many rows: the space is cut into cells, and each cell is compared with the nearest cells alone.

Letters: M rows, D dimensions, C cells, k neighbours. How many true neighbours that finds is measured before, on exact
neighbours of 1,000 rows, and decides how many cells are compared. Where it is too few, neighbours of neighbours are
looked at, round by round, until it is enough or hardly grows.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.directions import directions
from analysis.embedding.exact_search import largest, nearest
from analysis.embedding.neighbour_rounds import NeighbourRounds, exact
from analysis.embedding.screening import has_fast_bfloat16

ROWS = 500  # in a cell, on average
LEARNT = 64  # rows a cell that its centre is learnt from
ROUNDS = 6
MEASURED = 1000
WANTED = 0.95  # of the true neighbours
FEWEST, MOST = 8, 96  # cells that are compared with one
KEYS = 65_536  # rows that are compared with one cell; of a crowd of copies a random part
QUERIES = 1024
BLOCK = 16_384
MOST_ROUNDS, LEAST_GAIN = 6, 0.01  # of neighbours of neighbours, and of their share that a round adds
FLOATS = 4 * 2**20  # of neighbours that are compared exactly at a time
_PASS = 0.6  # of the work is comparing cells


class Cells:
    """Rows by cell, and how many cells to compare."""

    def __init__(self, embeddings: FloatArray, rows: IntArray, k: int, device: torch.device, seed: int = 0) -> None:
        """Cut the space and measure.

        Args:
            embeddings: (N, D), any float dtype, may be memory-mapped.
            rows: (M,) rows with a direction.
            k: Neighbours a row.
            device: Where to multiply.
            seed: Of the rows that the centres are learnt from and measured on.
        """
        self._embeddings, self._rows, self._k, self._device = embeddings, rows, k, device
        self._rng = np.random.default_rng(seed)
        centres = self._learnt(max(2, len(rows) // ROWS))
        cell = np.concatenate([self._cell_of(part, centres).cpu().numpy() for part in self._parts(len(rows))])
        self._members = np.argsort(cell, kind="stable")
        self._ends = np.searchsorted(cell[self._members], np.arange(len(centres) + 1))
        self._near = (centres @ centres.T).fill_diagonal_(2).argsort(1, descending=True).cpu().numpy()
        self._asked = np.sort(self._rng.permutation(len(self._rows))[:MEASURED])
        self._true, _ = nearest(embeddings, rows, self._asked, k, device)
        self._compared = self._enough(cell)
        self._is_coarse = device.type == "cpu" and has_fast_bfloat16()

    def search(self, progress: Callable[[float], None]) -> tuple[IntArray, float]:
        """Places in `rows` (M, k) int32 of each row's nearest, and which share of the true ones is among them.

        Args:
            progress: Called with the share of the work that is done, 0..1.
        """
        near: IntArray = np.empty((len(self._rows), self._k), dtype=np.int32)
        done = 0
        for asked, found in self._compare():
            near[asked] = found
            done += len(asked)
            progress(_PASS * done / len(near))
        recall = self._recall(near)
        rounds = None
        for number in range(MOST_ROUNDS):
            if recall >= WANTED:
                break
            rounds = rounds or NeighbourRounds(self._embeddings, self._rows, self._members)
            near = rounds.better(near)
            before, recall = recall, self._recall(near)
            progress(_PASS + (1 - _PASS) * (number + 1) / MOST_ROUNDS)
            if recall < before + LEAST_GAIN:
                break
        return near, recall

    def blocks(self, near: IntArray) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
        """Places in `rows` of some queries, of their k nearest of those found, and exact cosines; every query once."""
        size = max(1, FLOATS // (self._embeddings.shape[1] * self._k))
        for start in range(0, len(near), size):
            asked = np.arange(start, min(start + size, len(near)))
            yield asked, *exact(self._embeddings, self._rows, asked, near[asked], self._device)

    def _recall(self, near: IntArray) -> float:
        """Share of the true neighbours of the rows measured that are there."""
        return float((self._true[:, :, None] == near[self._asked][:, None, :]).any(2).mean())

    def _compare(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Places in `rows` of some queries and of their k nearest in the cells compared; every query once."""
        for number in range(len(self._near)):
            members = self._members[self._ends[number] : self._ends[number + 1]]
            if len(members):
                keys = self._keys(number)
                units = self._directions(keys)
                for start in range(0, len(members), QUERIES):
                    asked = members[start : start + QUERIES]
                    yield asked, self._nearest(asked, keys, units)

    def _parts(self, rows: int) -> Iterator[IntArray]:
        for start in range(0, rows, BLOCK):
            yield np.arange(start, min(start + BLOCK, rows))

    def _learnt(self, cells: int) -> torch.Tensor:
        """Centres (C, D) of unit length by k-means on directions.

        Source: Dhillon & Modha 2001, doi 10.1023/A:1007612920971.
        """
        chosen = np.sort(self._rng.permutation(len(self._rows))[: cells * LEARNT])
        first = np.sort(self._rng.permutation(len(chosen))[:cells])
        centres = directions(self._embeddings, self._rows[chosen[first]], self._device)
        for _ in range(ROUNDS):
            total = torch.zeros_like(centres)
            for part in self._parts(len(chosen)):
                units = directions(self._embeddings, self._rows[chosen[part]], self._device)
                total.index_add_(0, (units @ centres.T).argmax(1), units)
            length = total.norm(dim=1, keepdim=True)
            centres = torch.where(length > 0, total / length.clamp_min(1e-12), centres)  # a cell without rows stays
        return centres

    def _cell_of(self, places: IntArray, centres: torch.Tensor) -> torch.Tensor:
        return (directions(self._embeddings, self._rows[places], self._device) @ centres.T).argmax(1)

    def _enough(self, cell: IntArray) -> int:
        """How many cells hold as many true neighbours as wanted."""
        rank = np.argsort(self._near, axis=1)  # of a cell among those nearest to another
        needed = rank[cell[self._asked][:, None], cell[self._true]] + 1
        return int(np.clip(np.ceil(np.quantile(needed, WANTED)), FEWEST, MOST))

    def _keys(self, number: int) -> IntArray:
        """Places of the rows in the cells that are compared with one, enough for k neighbours."""
        near = self._near[number]
        size = np.cumsum(self._ends[near + 1] - self._ends[near])
        cells = near[: max(self._compared, int(np.searchsorted(size, self._k + 1)) + 1)]
        keys = np.concatenate([self._members[self._ends[cell] : self._ends[cell + 1]] for cell in cells])
        return np.sort(self._rng.choice(keys, KEYS, replace=False) if len(keys) > KEYS else keys)

    def _nearest(self, asked: IntArray, keys: IntArray, units: torch.Tensor) -> IntArray:
        products = self._directions(asked) @ units.T
        own = np.searchsorted(keys, asked)
        inside = np.flatnonzero(keys[np.minimum(own, len(keys) - 1)] == asked)
        products[inside, own[inside]] = -torch.inf
        return np.asarray(keys[largest(products, self._k)[1].cpu().numpy()])

    def _directions(self, places: IntArray) -> torch.Tensor:
        """In bfloat16 where that is fast: more products a second, and a few wrong places at the edge of k."""
        units = directions(self._embeddings, self._rows[places], self._device)
        return units.bfloat16() if self._is_coarse else units
