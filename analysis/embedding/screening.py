"""Exact neighbours at the speed of bfloat16: products in half the digits say who may be near, float32 says who is.

Rounding moves a cosine by no more than the lengths of what was rounded away (Cauchy-Schwarz), so nobody near is lost.
"""

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.directions import directions
from analysis.embedding.exact_search import GROUP

FLOATS = 48 * 2**20  # products held at a time, about 96 MB
CROWD = 8  # times k groups that may hold a neighbour: more are a crowd of copies
SETTLED = 2048  # candidates in float32 at a time: they fit in the cache
_OUTPUT = 2.0**-9  # what rounding a product of at most 1 changes, at most
_SECOND_ORDER = 1.02  # what was rounded away times what was rounded away, and float32's own rounding


def has_fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself, several times as fast as float32."""
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


class Screen:
    """All N directions in bfloat16: N · D · 2 bytes, and N floats."""

    def __init__(self, embeddings: FloatArray, rows: IntArray) -> None:
        """Round the directions of `rows` (N,) of the embeddings, which are read block by block."""
        self._embeddings, self._rows = embeddings, rows
        padded = -(-len(rows) // GROUP) * GROUP
        self._coarse = torch.zeros((padded, embeddings.shape[1]), dtype=torch.bfloat16)
        self._lost, self._length = torch.zeros(len(rows)), torch.zeros(len(rows))
        for start in range(0, len(rows), SETTLED):
            exact = directions(embeddings, rows[start : start + SETTLED])
            coarse = exact.bfloat16()
            self._coarse[start : start + len(exact)] = coarse
            self._lost[start : start + len(exact)] = (exact - coarse.float()).norm(dim=1)
            self._length[start : start + len(exact)] = (exact * self._read(rows[start : start + SETTLED])).sum(1)
        self._most_lost = float(self._lost.max())
        self.queries = max(GROUP, min(1024, FLOATS // padded))
        self._products = torch.empty((self.queries, padded), dtype=torch.bfloat16)

    def nearest(self, start: int, k: int) -> tuple[IntArray, FloatArray, IntArray]:
        """The k nearest others of the next `queries` rows from `start` on.

        Returns:
            Places in `rows` (Q, k), cosines (Q, k) float32, largest first, ties by place; and the queries (0 … Q − 1)
            that too many others are equally near to: theirs must be searched otherwise.
        """
        n, stop = len(self._rows), min(start + self.queries, len(self._rows))
        products = torch.mm(self._coarse[start:stop], self._coarse.T, out=self._products[: stop - start])
        products[:, n:] = -torch.inf
        products[torch.arange(stop - start), torch.arange(start, stop)] = -torch.inf
        groups = products.view(stop - start, -1, GROUP)
        highest = groups.amax(2).float().clamp_(max=1)  # no cosine is larger
        # k groups hold k others at least as near as this, give or take what rounding changed on both sides.
        lost = _SECOND_ORDER * (self._lost[start:stop] + self._most_lost + _OUTPUT)
        least = highest.topk(k).values[:, -1] - 2 * lost
        possible = highest >= least[:, None]
        crowded = possible.sum(1) > CROWD * k
        query, group = (possible & ~crowded[:, None]).nonzero(as_tuple=True)
        hit, column = (groups[query, group] >= least[query, None]).nonzero(as_tuple=True)
        query, place = query[hit], group[hit] * GROUP + column
        cosine = self._settled(start, query, place)
        crowd = crowded.nonzero().flatten().numpy()
        return *_sorted(query.numpy(), place.numpy(), cosine, stop - start, k), crowd

    def _settled(self, start: int, query: torch.Tensor, place: torch.Tensor) -> FloatArray:
        """Cosines in float32 of pairs: query, counted from `start`, and place."""
        exact = directions(self._embeddings, self._rows[start : start + self.queries])
        cosine = torch.empty(len(query))
        for first in range(0, len(query), SETTLED):
            part = slice(first, first + SETTLED)
            others = self._read(self._rows[place[part].numpy()])
            cosine[part] = others.mul_(exact[query[part]]).sum(1)
        return cosine.div_(self._length[place]).clamp_(-1, 1).numpy()

    def _read(self, rows: IntArray) -> torch.Tensor:
        return torch.from_numpy(np.array(self._embeddings[rows])).float()


def _sorted(query: IntArray, place: IntArray, cosine: FloatArray, queries: int, k: int) -> tuple[IntArray, FloatArray]:
    """The first k of every query; anything for a query that has none."""
    if not len(query):
        return np.zeros((queries, k), dtype=np.int64), np.zeros((queries, k), dtype=np.float32)
    order = np.lexsort((place, -cosine, query))
    first = np.searchsorted(query[order], np.arange(queries))
    taken = order[np.minimum(first[:, None] + np.arange(k), len(order) - 1)]
    return place[taken], cosine[taken]
