"""What was seen of a network, beside a planted run: probes and BatchNorm layers, as the re-run stage keeps them."""

from typing import Any

import pandas as pd

from analysis.runs import layout
from analysis.runs.atomic import write_json, write_table
from analysis.runs.run import Run

HEALTHY = {
    "pictures": 64, "repeat_difference": 0.0, "composition_difference": 2e-6, "stored_difference": 3e-6,
    "fp32_flips": 0.0, "tie_rate": 0.0, "bf16_exact": 0.0, "fp16_exact": 0.0, "resolution": 0.03125,
    "largest_activation": 40.0, "nonfinite": 0, "precision": "fp32", "failed": None,
}  # fmt: skip


def plant_probes(run: Run, **facts: Any) -> Run:
    """Write ``probes.json`` of a network in order, but for `facts`; returns the run, opened again."""
    write_json(run.path / layout.RERUN_PROBES, HEALTHY | facts)
    return Run.open(run.path)


def plant_layers(run: Run, *, layers: int = 4, **facts: Any) -> Run:
    """Write ``batch_norm.parquet`` of layers whose statistics fit, but for `facts` (one value, or one a layer)."""
    fits = {"channels": 32, "mean_distance": 0.003, "var_distance": 0.1, "untouched": False, "nonfinite": 0,
            "uses_batch": False}  # fmt: skip
    table = pd.DataFrame({"position": range(layers), "layer": [f"block{i}.bn" for i in range(layers)]})
    write_table(run.path / layout.RERUN_BATCH_NORM, table.assign(**(fits | facts)))
    return Run.open(run.path)
