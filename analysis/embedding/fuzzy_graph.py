"""UMAP's weighted graph from neighbours that are already there, in numpy.

umap-learn would give the same graph after six seconds of compilation that everybody waits for; this takes none.
"""

import numpy as np
import scipy.sparse as sp

from analysis.arrays import FloatArray, IntArray

BISECTIONS = 64
TOLERANCE = 1e-5
LEAST_SCALE = 1e-3  # of the mean distance: where all neighbours are equally far, the scale would vanish


def fuzzy_graph(index: IntArray, distance: FloatArray) -> sp.coo_matrix:
    """Symmetric weights of the edges between neighbours.

    The weight from sample i to its neighbour j is w = exp(−(d_ij − rho_i)⁺ / sigma_i), where rho_i is the distance of
    its nearest neighbour that is no copy, and sigma_i makes the weights of a row sum to log2(k + 1). Both directions
    are joined as w + w' − w·w'.

    Args:
        index: (N, k) row numbers of the nearest others, k ≥ 1, no place empty.
        distance: (N, k) distances ≥ 0, ascending.

    Returns:
        (N, N) float32, weights in 0..1.

    Source: McInnes, Healy & Melville 2018, arXiv 1802.03426, algorithms 2 and 3.
    """
    n, k = index.shape
    distance = distance.astype(np.float64)
    nearest = np.min(distance, axis=1, where=distance > 0, initial=np.inf)
    nearest[np.isinf(nearest)] = 0
    beyond = np.maximum(0, distance - nearest[:, None])
    weight = np.exp(-beyond / _scale(beyond, distance, nearest)[:, None])
    rows = np.repeat(np.arange(n), k)
    directed = sp.csr_matrix((weight.ravel().astype(np.float32), (rows, index.ravel())), shape=(n, n))
    mirrored = directed.T.tocsr()
    return sp.coo_matrix(directed + mirrored - directed.multiply(mirrored))


def _scale(beyond: FloatArray, distance: FloatArray, nearest: FloatArray) -> FloatArray:
    """The sigma of every row by bisection, all rows at once."""
    k = distance.shape[1]
    target = np.log2(k + 1)
    low, high, scale = np.zeros(len(beyond)), np.full(len(beyond), np.inf), np.ones(len(beyond))
    active = np.arange(len(beyond))
    for _ in range(BISECTIONS):
        total = np.exp(-beyond[active] / scale[active, None]).sum(axis=1)
        open_ = np.abs(total - target) >= TOLERANCE
        active, total = active[open_], total[open_]
        above = total > target
        high[active[above]] = scale[active[above]]
        low[active[~above]] = scale[active[~above]]
        scale[active] = np.where(np.isinf(high[active]), 2 * scale[active], (low[active] + high[active]) / 2)
    # The sample itself counts in these means, at distance 0.
    mean = np.where(nearest > 0, distance.sum(axis=1) / (k + 1), distance.sum() / (len(distance) * (k + 1)))
    return np.asarray(np.maximum(np.maximum(scale, LEAST_SCALE * mean), np.finfo(np.float64).tiny))
