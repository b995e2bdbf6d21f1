"""Neighbours of very many rows: the space is cut into cells, and each cell is compared with the nearest cells alone.

Letters: M rows, D dimensions, C cells. How many true neighbours that finds is measured before, on exact neighbours of
1,000 rows, and decides how many cells are compared.
"""

from collections.abc import Iterator

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.directions import directions
from analysis.embedding.exact_search import largest, nearest

ROWS = 500  # in a cell, on average
LEARNT = 64  # rows a cell that its centre is learnt from
ROUNDS = 6
MEASURED = 1000
WANTED = 0.95  # of the true neighbours
FEWEST, MOST = 8, 96  # cells that are compared with one
KEYS = 65_536  # rows that are compared with one cell; of a crowd of copies a random part
QUERIES = 1024
BLOCK = 16_384


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
        self._compared, self.recall = self._measured(cell)

    def blocks(self) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
        """Places in `rows` of some queries, of their k nearest, and cosines; every query once."""
        for number in range(len(self._near)):
            members = self._members[self._ends[number] : self._ends[number + 1]]
            if len(members):
                keys = self._keys(number)
                units = directions(self._embeddings, self._rows[keys], self._device)
                for start in range(0, len(members), QUERIES):
                    asked = members[start : start + QUERIES]
                    yield asked, *self._nearest(asked, keys, units)

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

    def _measured(self, cell: IntArray) -> tuple[int, float]:
        """How many cells hold as many true neighbours as wanted, and how many of them that finds."""
        asked = np.sort(self._rng.permutation(len(self._rows))[:MEASURED])
        true, _ = nearest(self._embeddings, self._rows, asked, self._k, self._device)
        rank = np.argsort(self._near, axis=1)  # of a cell among those nearest to another
        needed = rank[cell[asked][:, None], cell[true]] + 1
        compared = int(np.clip(np.ceil(np.quantile(needed, WANTED)), FEWEST, MOST))
        return compared, float((needed <= compared).mean())

    def _keys(self, number: int) -> IntArray:
        """Places of the rows in the cells that are compared with one, enough for k neighbours."""
        near = self._near[number]
        size = np.cumsum(self._ends[near + 1] - self._ends[near])
        cells = near[: max(self._compared, int(np.searchsorted(size, self._k + 1)) + 1)]
        keys = np.concatenate([self._members[self._ends[cell] : self._ends[cell + 1]] for cell in cells])
        return np.sort(self._rng.choice(keys, KEYS, replace=False) if len(keys) > KEYS else keys)

    def _nearest(self, asked: IntArray, keys: IntArray, units: torch.Tensor) -> tuple[IntArray, FloatArray]:
        products = directions(self._embeddings, self._rows[asked], self._device) @ units.T
        own = np.searchsorted(keys, asked)
        inside = np.flatnonzero(keys[np.minimum(own, len(keys) - 1)] == asked)
        products[inside, own[inside]] = -torch.inf
        cosine, place = largest(products, self._k)
        return keys[place.cpu().numpy()], cosine.clamp_(-1, 1).cpu().numpy()
