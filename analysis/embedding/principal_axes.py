"""The first principal axes of directions, read in blocks: memory grows with D², not with N·D."""

from collections.abc import Iterator

import numpy as np
from scipy.linalg import eigh

from analysis.arrays import FloatArray, IntArray

BLOCK = 8192


def principal_axes(embeddings: FloatArray, rows: IntArray, axes: int) -> FloatArray:
    """Coordinates of L2-normalised embeddings on their first principal axes.

    Args:
        embeddings: (N, D), any float dtype, may be memory-mapped.
        rows: (M,) the rows to use, finite and not zero.
        axes: How many; axes beyond D are zero.

    Returns:
        (M, axes) float32, centred. The largest entry of every axis is positive, so that signs never depend on the
        machine.
    """
    dims = embeddings.shape[1]
    total, products = np.zeros(dims), np.zeros((dims, dims))
    for block in _directions(embeddings, rows):
        total += block.sum(axis=0)
        products += block.T @ block
    mean = total / max(1, len(rows))
    kept = min(axes, dims)
    _, basis = eigh(products / max(1, len(rows)) - np.outer(mean, mean), subset_by_index=(dims - kept, dims - 1))
    basis = basis[:, ::-1]
    basis = basis * np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(kept)])
    coordinates = np.zeros((len(rows), axes), dtype=np.float32)
    for start, block in zip(range(0, len(rows), BLOCK), _directions(embeddings, rows), strict=True):
        coordinates[start : start + BLOCK, :kept] = (block - mean) @ basis
    return coordinates


def _directions(embeddings: FloatArray, rows: IntArray) -> Iterator[FloatArray]:
    for start in range(0, len(rows), BLOCK):
        block = np.asarray(embeddings[rows[start : start + BLOCK]], dtype=np.float64)
        block /= np.abs(block).max(axis=1, keepdims=True)
        yield block / np.linalg.norm(block, axis=1, keepdims=True)
