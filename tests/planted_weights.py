"""Rows of ``weights.parquet``, as tests want them."""

from typing import Any

import numpy as np


def tensor_row(name: str = "layer.weight", **facts: Any) -> dict[str, Any]:
    """One row of ``weights.parquet``: a healthy weight of 64 × 64 values, with other facts by keyword."""
    healthy = {
        "name": name, "position": 0, "kind": "weight", "is_head": False, "shape": "64 × 64", "numel": 4096,
        "nonfinite": 0, "mean": 0.0, "std": 0.05, "min": -0.3, "max": 0.3, "half_exact": 0.0, "init_law": None,
        "status": None, "cosine": np.nan, "change": np.nan, "scale": np.nan, "residual": np.nan,
        "soft_threshold": np.nan, "decisive": True,
    }  # fmt: skip
    return healthy | facts


def related(name: str, **facts: Any) -> dict[str, Any]:
    """A weight that fine-tuning moved a little, as a row of ``weights.parquet``."""
    return tensor_row(name, status="related", cosine=0.98, change=0.2, scale=0.98, residual=0.199) | facts
