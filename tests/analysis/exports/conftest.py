"""A run with everything that can be exported, and names that try to be markup or a formula."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.runs import layout
from analysis.runs.atomic import write_json, write_table
from analysis.runs.run import Run
from tests.planting import Planted, make_run

NAMES = ["=SUM(A1)", "<script>alert(1)</script>", 'a "quoted", name', "ünï ✓", "-7", *(f"c{i}" for i in range(5))]

_AGREEMENT = {"name": "label agreement", "value": 0.3125, "threshold": 0.05, "unit": "fraction", "n": 1600}


def finding(**changed: Any) -> dict[str, Any]:
    """An entry of ``findings.json``."""
    return {
        "id": "failure_cluster", "title": "A group <b>fails</b>", "chapter": "shift", "verdict": "supported", "rank": 1,
        "lane": "bound", "gain": 0.05, "gain_low": 0.04, "gain_high": 0.06, "gain_kind": "bound",
        "accuracy_if_fixed": 0.85, "explained_by": None, "summary": "40 of 50 & more.", "fix": "Look at them.",
        "evidence": [{"name": "excess errors", "value": 38.25, "threshold": 5.0, "unit": "samples", "n": 50}],
        "needs": [], "seconds": 0.5, **changed,
    }  # fmt: skip


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    """800 samples, clusters 0 and 1, label issues, findings."""
    made = make_run(
        tmp_path / "run", class_names=NAMES, flip=0.05, hidden_group=0.1, metadata={"+site": ["@a", None] * 400}
    )
    run = made.run
    samples = pq.read_table(run.path / layout.SAMPLES)
    cluster = np.where(made.hidden_group, 1, np.where(np.arange(800) % 3 == 0, 0, -1))
    for name, values in (
        ("cluster", pa.array(cluster, pa.int32())),
        ("label_issue", pa.array(made.flipped)),
        ("label_quality", pa.array(np.linspace(1, 0, 800), pa.float32())),
    ):
        samples = samples.set_column(samples.schema.get_field_index(name), name, values)
    write_table(run.path / layout.SAMPLES, samples)
    clusters = pd.DataFrame(
        [
            (1, "<i>1</i> ×9", 80, 70, 0.875, 8.0, 62.0, 50.0, NAMES[1], NAMES[0]),
            (0, "0", 240, 0, 0.0, 9.0, -9.0, 0.0, "c1", None),
        ],
        columns=list(layout.CLUSTER_COLUMNS),
    )
    write_table(run.path / layout.CLUSTERS, clusters)
    write_json(
        run.path / layout.FINDINGS,
        {
            "schema_version": 1,
            "accuracy": {"overall": 0.8, "old": 0.9, "new": None, "chance": 0.1, "n": 800, "n_old": 800, "n_new": 0},
            "leading": "failure_cluster",
            "ladder": [
                {"label": "Today", "accuracy": 0.8, "id": None, "at_most": False},
                {"label": "A group <b>fails</b>", "accuracy": 0.85, "id": "failure_cluster", "at_most": True},
                {"label": "Not explained", "accuracy": 1.0, "id": None, "at_most": True},
            ],
            "findings": [
                finding(),
                finding(
                    id="label_errors", title="Labels are wrong", verdict="not_testable", gain=None, gain_low=None,
                    gain_high=None, accuracy_if_fixed=None,
                    evidence=[_AGREEMENT],
                    needs=["embeddings", "train"], rank=2,
                ),
            ],
        },
    )  # fmt: skip
    made.run = Run.open(run.path)
    return made
