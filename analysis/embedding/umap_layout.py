"""UMAP of a neighbour graph that is already there: no search of its own, and the same layout in every run."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numba
import numpy as np
import scipy.sparse as sp
from scipy.optimize import curve_fit

from analysis.arrays import FloatArray
from analysis.embedding.attraction import compiled, forces

EPOCHS = ((10_000, 500), (200_000, 300))  # up to so many points, so many epochs
FEWEST_EPOCHS = 200
PIECES = 4  # a thread, so that none waits long for the others


def umap_layout(graph: sp.coo_matrix, start: FloatArray, *, min_dist: float, seed: int) -> FloatArray:
    """Move N points so that the neighbours of a graph come together and others apart.

    The same seed gives the same layout with any number of threads, see `attraction`.

    Args:
        graph: (N, N) symmetric weights in 0..1, see `fuzzy_graph`.
        start: (N, 2) float32 positions to begin from, all different.
        min_dist: How close points may be packed, 0..1, in units of the layout.
        seed: Of the random others that each point is pushed away from.

    Returns:
        (N, 2) float32.

    Source: McInnes, Healy & Melville 2018, arXiv 1802.03426.
    """
    rows = graph.tocsr()
    strongest = rows.data.max(initial=0)
    if strongest == 0:
        return start.copy()
    often = (rows.data / strongest).astype(np.float32)
    old, new = start.astype(np.float32), np.empty(start.shape, dtype=np.float32)
    edges, table = (rows.indptr, rows.indices, often), forces(*_curve(min_dist))
    move, threads = compiled(), numba.get_num_threads()
    cuts = np.searchsorted(rows.indptr, np.linspace(0, rows.nnz, threads * PIECES + 1))
    cuts[0], cuts[-1] = 0, len(start)
    epochs = next((number for most, number in EPOCHS if len(start) <= most), FEWEST_EPOCHS)
    seed %= 2**32  # as the compiled code takes it
    with ThreadPoolExecutor(threads) as pool:
        for epoch in range(1, epochs + 1):
            drawn = epoch, np.float32(1 - (epoch - 1) / epochs), seed
            waiting = [pool.submit(move, piece, edges, (old, new), table, drawn) for piece in pairwise(cuts)]
            for piece in waiting:
                piece.result()
            old, new = new, old
    return old


def _curve(min_dist: float) -> tuple[float, float]:
    """The a and b of 1 / (1 + a d^2b) closest to: 1 up to `min_dist`, then exp(min_dist − d)."""
    distance = np.linspace(0, 3, 300)
    wanted = np.where(distance < min_dist, 1.0, np.exp(min_dist - distance))
    (a, b), _ = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), distance, wanted)
    return float(a), float(b)
