"""Checklists and clusters to put into planted runs: what the diagnosis would write, without running it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.runs import layout
from analysis.runs.run import Run


def finding(identifier: str, **fields: Any) -> dict[str, Any]:
    """One entry of ``findings.json``; anything may be overridden."""
    entry: dict[str, Any] = {
        "id": identifier,
        "title": identifier.replace("_", " ").capitalize(),
        "chapter": "indexing",
        "verdict": "refuted",
        "rank": 1,
        "lane": "gain",
        "gain": None,
        "gain_low": None,
        "gain_high": None,
        "gain_alone": None,
        "gain_kind": "fit",
        "given": [],
        "accuracy_if_fixed": None,
        "explained_by": None,
        "evidence": [{"name": "matched accuracy", "value": 0.3, "threshold": 0.5, "unit": "fraction", "n": 400}],
        "summary": "The numbers say so.",
        "claim": "What it would mean.",
        "fix": "What to do about it.",
        "needs": [],
        "seconds": 0.2,
    }
    return {**entry, **fields}


def faulty() -> dict[str, Any]:
    """A checklist with two causes, a ceiling, a validity finding and one of every verdict."""
    gained = {"gain": 0.42, "gain_low": 0.38, "gain_high": 0.46, "gain_alone": 0.42, "accuracy_if_fixed": 0.52}
    bias = {"gain": 0.2, "gain_low": 0.16, "gain_high": 0.24, "gain_alone": 0.05, "accuracy_if_fixed": 0.72}
    findings = [
        finding("index_map_scrambled", title="Class indices are scrambled", verdict="supported", rank=1, **gained,
                summary="Under the best relabelling 52.0 % are right instead of 10.0 %."),
        finding("logit_group_bias", title="New classes shout down the old ones", chapter="head", verdict="supported",
                rank=2, given=["index_map_scrambled"], **bias),
        finding("label_errors", title="Labels are wrong", chapter="labels", verdict="supported", rank=3, lane="bound",
                gain=0.04, gain_low=0.03, gain_high=0.05, accuracy_if_fixed=0.76),
        finding("failure_cluster", title="One group of pictures fails", chapter="data", verdict="supported", rank=4,
                lane="note"),
        finding("val_too_small", title="The validation set is too small", chapter="data", verdict="supported", rank=5,
                lane="validity", summary="Half of the classes have fewer than 5 samples."),
        finding("head_size_mismatch", title="Head and class list differ in length", chapter="head", rank=6),
        finding("corrupt_images", title="Pictures are damaged", chapter="data", verdict="inconclusive", rank=7),
        finding("head_rows_degenerate", title="Rows of the head are dead", chapter="head", verdict="not_testable",
                rank=8, needs=["head weights"]),
        finding("stale_statistics", title="Stale statistics", chapter="backbone", verdict="refuted", rank=9,
                explained_by="index_map_scrambled", gain_alone=0.1),
        finding("odd_one", title="The odd one", chapter="shift", verdict="errored", rank=10),
    ]  # fmt: skip
    ladder = [
        {"label": "Today", "accuracy": 0.1, "id": None, "at_most": False},
        {"label": "Class indices are scrambled", "accuracy": 0.52, "id": "index_map_scrambled", "at_most": False},
        {"label": "New classes shout down the old ones", "accuracy": 0.72, "id": "logit_group_bias", "at_most": False},
        {"label": "Labels are wrong", "accuracy": 0.76, "id": "label_errors", "at_most": True},
        {"label": "Not explained", "accuracy": 1.0, "id": None, "at_most": True},
    ]
    accuracy = {"overall": 0.1, "old": 0.04, "new": 0.25, "chance": 0.1, "n": 800, "n_old": 560, "n_new": 240}
    return {
        "schema_version": 1, "accuracy": accuracy, "leading": "index_map_scrambled", "ladder": ladder,
        "notices": ["Half of the classes have fewer than 5 samples."], "findings": findings,
    }  # fmt: skip


def healthy() -> dict[str, Any]:
    """A checklist that found nothing."""
    names = ("index_map_scrambled", "logit_group_bias", "label_errors", "head_size_mismatch")
    accuracy = {"overall": 0.97, "old": 0.97, "new": 0.96, "chance": 0.1, "n": 800, "n_old": 560, "n_new": 240}
    ladder = [
        {"label": "Today", "accuracy": 0.97, "id": None, "at_most": False},
        {"label": "Not explained", "accuracy": 1.0, "id": None, "at_most": True},
    ]
    findings = [finding(name, rank=rank) for rank, name in enumerate(names, start=1)]
    return {
        "schema_version": 1, "accuracy": accuracy, "leading": "no_fault", "ladder": ladder, "notices": [],
        "findings": findings,
    }  # fmt: skip


def write_findings(path: Path, found: dict[str, Any]) -> None:
    """Put a checklist into a run directory."""
    (path / layout.FINDINGS).write_text(json.dumps(found), "utf-8")


def write_clusters(path: Path, *, clusters: int = 3, size: int = 20) -> None:
    """Put clusters (of the wrong samples with the largest loss) into a run directory, and evidence for one finding."""
    run = Run.open(path)
    wrong = np.flatnonzero(~run.column("correct"))
    order = wrong[np.argsort(-run.column("loss")[wrong], kind="stable")]
    member = np.full(len(run), -1, dtype=np.int32)
    rows = []
    for number in range(clusters):
        inside = order[number * size : (number + 1) * size]
        member[inside] = number
        rows.append({
            "cluster": number, "name": f"group {number}", "size": len(inside), "errors": len(inside),
            "error_rate": 1.0, "expected_errors": 5.0, "excess_errors": len(inside) - 5.0, "excess_low": 10.0 - number,
            "top_label": str(run.column("label")[inside[0]]),
            "top_prediction": str(run.column("prediction")[inside[0]]),
        })  # fmt: skip
    pd.DataFrame(rows).to_parquet(path / layout.CLUSTERS)
    table = pq.read_table(path / layout.SAMPLES)
    table = table.set_column(table.schema.get_field_index("cluster"), "cluster", pa.array(member))
    pq.write_table(table, path / layout.SAMPLES)
    (path / layout.EVIDENCE).mkdir(exist_ok=True)
    chosen = pd.DataFrame({"sample_id": order[:30], "score": np.linspace(1, 0.1, min(30, len(order)))})
    chosen.to_parquet(path / layout.EVIDENCE / "label_errors.parquet")
