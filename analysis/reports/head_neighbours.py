"""Which classes the head tells apart least: rows of the last layer that point the same way."""

import numpy as np

from analysis.arrays import FloatArray, IntArray

_BLOCK = 16_384  # rows at a time


def row_lengths(weight: FloatArray) -> FloatArray:
    """Euclidean lengths (C,) of the rows of a head (C, D), in blocks."""
    lengths = np.empty(len(weight), dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        for start in range(0, len(weight), _BLOCK):
            block = weight[start : start + _BLOCK].astype(np.float32)
            lengths[start : start + len(block)] = np.linalg.norm(block, axis=1)
    return lengths


def nearest_rows(
    weight: FloatArray, row: int, k: int, *, lengths: FloatArray | None = None
) -> tuple[IntArray, FloatArray]:
    """The k rows of a head that are most alike one of them, most alike first; never C × C.

    Args:
        weight: (C, D).
        row: 0 ≤ row < C.
        k: How many at most.
        lengths: (C,) of `row_lengths`, where they are at hand: they cost as much as the rest.

    Returns:
        Class indices (k,) and cosines (k,), −1..1. Rows that are zero or not finite are nobody's neighbours; equal
        cosines stand in the order of the indices.
    """
    own = weight[row].astype(np.float64)
    length = float(np.linalg.norm(own))
    if not np.isfinite(length) or length == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    lengths = row_lengths(weight) if lengths is None else lengths
    cosine = np.full(len(weight), -np.inf)
    for start in range(0, len(weight), _BLOCK):
        block = weight[start : start + _BLOCK].astype(np.float32, copy=False)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            found = block @ (own / length).astype(np.float32) / lengths[start : start + len(block)]
        cosine[start : start + len(block)] = np.where(np.isfinite(found), found, -np.inf)
    cosine[row] = -np.inf
    order = np.argsort(-cosine, kind="stable")[:k]
    order = order[np.isfinite(cosine[order])]
    return order, np.clip(cosine[order], -1, 1)


def place_in_group(values: FloatArray, group: IntArray, row: int) -> tuple[float, int]:
    """Share (0..1) of the other classes of its group that a class's value exceeds, ties counted half; and how many.

    Args:
        values: (C,) such as the norms of the head's rows; NaN is left out.
        group: (C,) number of the group of each class.
        row: The class.
    """
    same = (group == group[row]) & np.isfinite(values)
    same[row] = False
    others = values[same]
    if not len(others) or not np.isfinite(values[row]):
        return float("nan"), len(others)
    return float(((others < values[row]).sum() + 0.5 * (others == values[row]).sum()) / len(others)), len(others)
