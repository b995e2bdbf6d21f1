"""Do two groups of embeddings differ beyond their mix of classes? Kernel distance and how well they are told apart.

Letters: n samples, D dimensions. Everything compares samples within one class, so that a group with other classes is
not taken for another kind of picture.
"""

import numpy as np
from scipy.stats import rankdata

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray

_BANDWIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)  # times the median squared distance
_RIDGE = 0.1  # of the mean eigenvalue
_BLOCK = 500  # shuffles at once
_ENOUGH = 50  # shuffles beyond the measured distance, after which p is known well enough


def separability(
    fit: tuple[FloatArray, IntArray, BoolArray], score: tuple[FloatArray, IntArray, BoolArray]
) -> tuple[float, float]:
    """How well a linear rule fitted on one half tells the groups apart on the other: area under the curve, its error.

    Args:
        fit: embeddings (n, D), class (n,), True in the group (n,).
        score: likewise, other samples.

    Returns:
        AUC 0..1 over pairs of one class (0.5 = not at all), and its standard error; (0.5, 0.5) without such pairs.

    Source:
        Lopez-Paz and Oquab 2017, arXiv 1610.06545; error after Hanley and McNeil 1982.
    """
    direction = _direction(*fit)
    x, kind, inside = score
    value = _centred(_unit(x), kind) @ direction
    above, pairs = 0.0, 0.0
    for rows in _by_class(kind):
        here = inside[rows]
        first, second = int(here.sum()), int((~here).sum())
        if first and second:
            rank = rankdata(value[rows])
            above += float(rank[here].sum()) - first * (first + 1) / 2
            pairs += first * second
    if not pairs:
        return 0.5, 0.5
    auc = above / pairs
    few = min(int(inside.sum()), int((~inside).sum()))
    return auc, float(np.sqrt(max(auc * (1 - auc), 0.01) / max(few, 1)))


def _direction(x: FloatArray, kind: IntArray, inside: BoolArray) -> FloatArray:
    """(D,) ridge regression of membership on embeddings, both without their class means."""
    x = _centred(_unit(x), kind)
    target = _centred(inside.astype(np.float64)[:, None], kind)[:, 0]
    gram = x.T @ x
    gram[np.diag_indices_from(gram)] += _RIDGE * np.trace(gram) / len(gram) + 1e-9
    return np.asarray(np.linalg.solve(gram, x.T @ target))


def kernel_distance(
    x: FloatArray, kind: IntArray, inside: BoolArray, *, permutations: int, seed: int = 0
) -> tuple[float, float]:
    """Unbiased squared maximum mean discrepancy of the group and the rest, and p from shuffling within each class.

    Gaussian kernels exp(−‖x−y‖²/2σ²) on rows of length 1, summed over five widths around the median distance. The
    distance may be negative; p is never 0.

    Args:
        x: (n, D); memory grows with n².
        kind: (n,) class.
        inside: (n,) True in the group; at least two on each side.
        permutations: how many shuffles at most.
        seed: of the shuffles.

    Source:
        Gretton et al. 2012; Phipson and Smyth 2010, arXiv 1603.05766, for p.
    """
    kernel = _kernel(_unit(x))
    row, total = kernel.sum(axis=1), float(kernel.sum())
    n, m = int(inside.sum()), int((~inside).sum())

    def distance(chosen: FloatArray) -> FloatArray:
        """Of each column of 0 and 1, (n, B)."""
        within = np.einsum("nb,nb->b", chosen, kernel @ chosen, dtype=np.float64)
        across = row @ chosen
        others = total - 2 * across + within
        return np.asarray(within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * (across - within) / (n * m))

    measured = float(distance(inside.astype(np.float32)[:, None])[0])
    rng = np.random.default_rng(seed)
    beyond = 0
    for start in range(0, permutations, _BLOCK):
        shuffled = _shuffled(kind, inside, min(_BLOCK, permutations - start), rng)
        beyond += int((distance(shuffled) >= measured - 1e-12).sum())
        if beyond >= _ENOUGH:
            return measured, (1 + beyond) / (1 + min(start + _BLOCK, permutations))
    return measured, (1 + beyond) / (1 + permutations)


def _kernel(x: FloatArray) -> FloatArray:
    """(n, n) float32 sum of Gaussian kernels with a diagonal of 0."""
    squared = np.maximum(2 - 2 * (x @ x.T), 0)
    middle = float(np.median(squared[np.triu_indices(len(x), 1)])) or 1.0
    kernel = np.zeros_like(squared)
    for factor in _BANDWIDTHS:
        kernel += np.exp(-squared / (factor * middle))
    np.fill_diagonal(kernel, 0)
    return np.asarray(kernel, dtype=np.float32)


def _shuffled(kind: IntArray, inside: BoolArray, times: int, rng: np.random.Generator) -> FloatArray:
    """(n, times) membership 0 or 1, shuffled within each class."""
    order = np.argsort(kind, kind="stable")
    members = inside[order].astype(np.float32)
    key = rng.random((times, len(kind))) + np.unique(kind, return_inverse=True)[1][order]
    place = np.argsort(key, axis=1)
    made = np.empty((len(kind), times), dtype=np.float32)
    made[order] = members[place].T
    return made


def _unit(x: FloatArray) -> FloatArray:
    """Rows of length 1 in float32; a row that is zero or not finite becomes 0."""
    x = np.nan_to_num(np.asarray(x, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12))


def _centred(x: FloatArray, kind: IntArray) -> FloatArray:
    """Rows without the mean of their class."""
    _, place, count = np.unique(kind, return_inverse=True, return_counts=True)
    order = np.argsort(place, kind="stable")
    total = np.add.reduceat(x[order], np.concatenate([[0], np.cumsum(count)[:-1]]), axis=0)
    return np.asarray(x - (total / count[:, None])[place])


def _by_class(kind: IntArray) -> list[AnyArray]:
    order = np.argsort(kind, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(kind[order])) + 1)
