"""Embeddings with groups that are known."""

import numpy as np
import pytest

from analysis.arrays import FloatArray, IntArray


@pytest.fixture(scope="session")
def blobs() -> tuple[FloatArray, IntArray]:
    """Six separate groups of 40 directions in 12 dimensions, and the group of each of the 240 rows."""
    rng = np.random.default_rng(0)
    group = rng.permutation(np.repeat(np.arange(6), 40))
    centre = rng.normal(size=(6, 12)) * 3
    return (centre[group] + rng.normal(size=(240, 12)) * 0.3).astype(np.float16), group
