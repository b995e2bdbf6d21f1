"""How long the whole checklist takes on a large run, hypothesis by hypothesis, without re-runs.

By hand: ``python -m tests.benchmarks.checklist_speed [--samples N] [--classes C] [--dims D]``. The logits are
embeddings times head, so that every head can be asked again. Nothing of size N × C or C × C is made.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.arrays import AnyArray, FloatArray, IntArray
from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses import all_hypotheses
from analysis.reports.per_class import per_class
from analysis.runs import layout
from analysis.runs.atomic import write_array, write_arrays, write_json, write_table
from analysis.runs.run import Run
from tests.planted_records import record_table

_BLOCK = 256


def main() -> None:
    """Write the run, judge it, and print what took how long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=50_000)
    parser.add_argument("--classes", type=int, default=8_000)
    parser.add_argument("--dims", type=int, default=256)
    parser.add_argument("--bias", type=float, default=3.0, help="logits added to the new classes")
    parser.add_argument("--run", type=Path, help="keep the run here and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.run or Path(folder) / "run"
        if not (path / layout.META).is_file():
            write_consistent_run(path, options.samples, options.classes, options.dims, options.bias)
        run = Run.open(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        found = diagnose(run, hypotheses=all_hypotheses())
        seconds = time.perf_counter() - began
    for finding in sorted(found.findings, key=lambda f: -f.seconds):
        print(f"{finding.seconds:7.2f} s  {finding.id:28} {finding.verdict}")
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{seconds:.1f} s in all, leading {found.leading}, {peak:,.0f} MB above the start")


def write_consistent_run(path: Path, samples: int, classes: int, dims: int, bias: float) -> None:
    """N samples whose embeddings lie about the means of C classes; the head's rows are those means."""
    rng = np.random.default_rng(0)
    means = rng.normal(size=(classes, dims)).astype(np.float32) / np.sqrt(dims)
    label = rng.permutation(np.arange(samples) % classes)
    noise = rng.normal(size=(samples, dims)).astype(np.float32) * (3.2 / np.sqrt(dims))
    features = (means[label] + noise).astype(np.float16)
    is_old = np.zeros(classes, dtype=np.bool_)
    is_old[rng.permutation(classes)[: 2 * classes // 3]] = True
    weight, offset = 16 * means, np.where(is_old, 0.0, bias).astype(np.float32)
    names = [f"Species number {i:05d}" for i in range(classes)]
    write_table(path / layout.SAMPLES, _samples(features, weight, offset, label, names, is_old, rng))
    write_array(path / layout.EMBEDDINGS, features)
    write_arrays(path / layout.HEAD, {"weight": weight, "bias": offset})
    write_arrays(path / layout.NEIGHBOURS, _neighbours(features, label))
    counts = Run(path, {}).table(["label_index", "prediction_index"]).value_counts().reset_index(name="count")
    write_table(path / layout.CONFUSIONS, counts)
    metadata = [f"column {i:02d}" for i in range(20)]
    write_json(path / layout.META, _meta(samples, names, is_old.tolist(), metadata))
    train = np.maximum(3, (300 * 0.02 ** (rng.permutation(classes) / classes)).astype(np.int64))
    write_table(path / layout.CLASSES, per_class(Run.open(path), train))


def _samples(
    features: FloatArray, weight: FloatArray, bias: FloatArray, label: IntArray, names: list[str],
    is_old: AnyArray, rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    blocks = []
    for start in range(0, len(label), _BLOCK):
        rows = slice(start, start + _BLOCK)
        blocks.append(record_table(features[rows].astype(np.float32) @ weight.T + bias, label[rows], names, is_old))
    table = pd.concat(blocks, ignore_index=True)
    table["sample_id"] = np.arange(len(label))
    table["filepath"] = [f"images/{i:06d}.jpg" for i in range(len(label))]
    table["content_hash"] = rng.integers(-(2**62), 2**62, len(label))
    table["pixel_std"], table["width"], table["height"], table["mode"] = np.float32(40), 224, 224, "RGB"
    for number in range(20):
        table[f"column {number:02d}"] = rng.integers(0, 3 + number, len(label))
    return table


def _neighbours(features: FloatArray, label: IntArray) -> dict[str, AnyArray]:
    """Other samples of the class first, as they would be, then the next ones."""
    order = np.argsort(label, kind="stable")
    place = np.empty(len(label), dtype=np.int64)
    place[order] = np.arange(len(label))
    steps = np.array([1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 8])
    index = order[(place[:, None] + steps) % len(label)].astype(np.int32)
    return {"index": index, "similarity": np.full(index.shape, 0.5, dtype=np.float32)}


def _meta(samples: int, names: list[str], is_old: list[bool], metadata: list[str]) -> dict[str, object]:
    return {
        "schema_version": layout.SCHEMA_VERSION, "title": "A large run", "created": "2026-01-01T00:00:00+00:00",
        "state": "done", "class_names": names, "is_old": is_old, "outputs": len(names), "classes_in_list": len(names),
        "metadata_columns": metadata, "counts": {"samples": samples, "problems": 0}, "notices": [],
        "spec": {"data": {"train": "train.csv"}}, "timings": {},
    }  # fmt: skip


if __name__ == "__main__":
    main()
