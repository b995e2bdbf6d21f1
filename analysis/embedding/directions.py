"""Embeddings as unit vectors, a block at a time."""

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray

BLOCK = 8192


def directed_rows(embeddings: FloatArray) -> IntArray:
    """Row numbers that are finite and not zero, so that they have a direction.

    Args:
        embeddings: (N, D), any float dtype, may be memory-mapped.
    """
    kept = []
    for start in range(0, len(embeddings), BLOCK):
        block = np.asarray(embeddings[start : start + BLOCK], dtype=np.float32)
        kept.append(start + np.flatnonzero(np.isfinite(block).all(axis=1) & (block != 0).any(axis=1)))
    return np.concatenate(kept) if kept else np.empty(0, dtype=np.int64)


def directions(embeddings: FloatArray, rows: IntArray, device: torch.device | None = None) -> torch.Tensor:
    """Unit vectors (M, D) float32 of M rows that have a direction."""
    # Largest entry first to 1: squares of float16's extremes neither overflow nor vanish in the norm.
    block = torch.from_numpy(np.array(embeddings[rows])).to(device).float()
    low, high = block.aminmax(dim=1, keepdim=True)
    block /= torch.maximum(-low, high)
    return block.div_(block.norm(dim=1, keepdim=True))
