"""64 bits a picture that survive re-encoding and resizing: signs of its lowest frequencies."""

from functools import cache

import numpy as np

from analysis.arrays import AnyArray, FloatArray

BITS = 64
_BLOCK = 8192


def perceptual_hash(gray: AnyArray) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Signs of the 64 lowest frequencies of the cosine transform, the mean left out.

    Args:
        gray: (n, S, S) uint8.

    Returns:
        (n,) uint64; the lowest frequency is the highest bit.

    Source:
        Zauner 2010, "Implementation and benchmarking of perceptual image hash functions" (DCT hash).
    """
    bases, rows, columns = _bases(gray.shape[1])
    weight = np.uint64(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint64)
    found = np.empty(len(gray), dtype=np.uint64)
    for start in range(0, len(gray), _BLOCK):
        block = gray[start : start + _BLOCK].astype(np.float32)
        waves = (bases @ block @ bases.T)[:, rows, columns]
        found[start : start + len(block)] = np.where(waves > 0, weight, np.uint64(0)).sum(axis=1, dtype=np.uint64)
    return found


@cache
def _bases(side: int) -> tuple[FloatArray, tuple[int, ...], tuple[int, ...]]:
    """Cosine bases (F, S), and the 64 (row, column) frequencies nearest to zero."""
    most = 10
    waves = np.arange(most)[:, None] * (2 * np.arange(side) + 1)[None, :] * np.pi / (2 * side)
    row, column = np.divmod(np.arange(most * most), most)
    order = np.lexsort((row, row**2 + column**2))[1 : BITS + 1]
    return np.cos(waves).astype(np.float32), tuple(row[order].tolist()), tuple(column[order].tolist())
