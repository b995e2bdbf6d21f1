"""A planted run with everything the exploring pages show: map, clusters, label quality, findings, hostile names."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.arrays import AnyArray, BoolArray
from analysis.embedding.trustworthiness import trustworthiness
from analysis.runs import layout
from analysis.runs.atomic import write_arrays, write_json, write_table
from analysis.runs.leak_pictures import write_leak_pictures
from analysis.runs.run import Run
from tests.planting import Planted, make_run

HOSTILE = ["<script>alert(1)</script>", "**bold** [link](http://example.invalid)", "![x](http://example.invalid/x.png)"]


def make_explored_run(
    path: Path,
    *,
    clusters: bool = True,
    projection: bool = True,
    copies: bool = False,
    hierarchy: bool = False,
    **options: Any,
) -> Planted:
    """Write a planted run and add what the later stages of a pipeline would: see `make_run` for `options`."""
    settings: dict[str, Any] = {"classes": 12, "per_class": 60, "new_bias": 3.0, "flip": 0.04, "hidden_group": 0.06}
    settings |= options
    settings.setdefault("class_names", [*HOSTILE, *(f"class {i:03d}" for i in range(3, settings["classes"]))])
    settings.setdefault("metadata", _metadata(settings["classes"] * settings["per_class"]))
    planted = make_run(path, **settings)
    samples = pq.read_table(path / layout.SAMPLES)
    wrong = ~planted.run.column("correct")
    cluster = np.where(planted.hidden_group, 0, -1)
    cluster[_second_group(planted, wrong)] = 1
    columns: dict[str, AnyArray] = {
        "label_quality": np.exp(-np.nan_to_num(planted.run.column("loss"), nan=9.0)).astype(np.float32),
        "label_issue": planted.flipped & wrong,
        "prediction_repaired_index": _repaired(planted),
    }
    columns["correct_repaired"] = columns["prediction_repaired_index"] == planted.run.column("label_index")
    if projection:
        columns["projection_x"], columns["projection_y"] = _plane(planted.run).T
        _write_trustworthiness(planted.run, np.stack([columns["projection_x"], columns["projection_y"]], axis=1))
    if clusters:
        columns["cluster"] = cluster.astype(np.int32)
        write_table(path / layout.CLUSTERS, _cluster_table(planted.run, cluster))
    kinds = dict(layout.SAMPLE_FIELDS)
    for name, values in columns.items():
        at = samples.schema.get_field_index(name)
        samples = samples.set_column(at, pa.field(name, kinds[name]), pa.array(values, type=kinds[name]))
    write_table(path / layout.SAMPLES, samples)
    _write_findings(path, planted)
    if hierarchy:
        plant_hierarchy(path)
    if copies:
        plant_copies(path)
    planted.run = Run.open(path)
    return planted


def plant_hierarchy(path: Path) -> None:
    """Write what the pipeline would for a hierarchy: classes by threes in groups, all but the last also in a half."""
    classes = len(Run.open(path).class_names)
    group = [f"group {index // 3} <b>" for index in range(classes)]
    half = [f"half {index // 6}" if index < classes - 1 else None for index in range(classes)]
    frame = pd.DataFrame({"class_index": range(classes), "level_1": group, "level_2": half})
    write_table(path / layout.HIERARCHY, frame)


def plant_pool(path: Path, *, total: int = 50, done: int = 40) -> None:
    """Write what embedding a pool of `total` pictures would after `done` of them: like samples 0, 1, 2, … in turn.

    Picture 3 could not be read; picture 5 is byte for byte sample 5.
    """
    run = Run.open(path)
    folder = path / layout.POOLS / "unlabeled"
    names = [f"pool/<b>{number}</b>.png" for number in range(total)]
    write_table(folder / "files.parquet", pd.DataFrame({"filepath": names, "label": [""] * total}))
    write_json(folder / "pool.json", {"key": "planted", "kind": "unlabeled", "total": total, "shard_size": done})
    rows = np.array([row for row in range(done) if row != 3])
    pictures = [run.thumbnail(row) or b"" for row in rows.tolist()]
    (folder / "000000.bin").write_bytes(b"".join(pictures))
    shard = {
        "row": rows,
        "embedding": np.asarray(run.embeddings[rows]) if run.embeddings is not None else np.zeros((len(rows), 2)),
        "content_hash": np.where(rows == 5, run.column("content_hash")[rows], rows),
        "prediction_index": run.column("prediction_index")[rows],
        "confidence": run.column("confidence")[rows],
        "picture_end": np.cumsum([len(picture) for picture in pictures]),
        "problem_row": np.array([3]),
        "problem_reason": np.array(["the file is empty (0 bytes)"]),
    }
    write_arrays(folder / "000000.npz", shard)


def plant_copies(path: Path) -> None:
    """Write what the search for copies would: a group of three, six pairs, one of two labels; five leaks, three kept.

    Sample ids of the pairs are those of the first samples of each class, so that copies look alike.
    """
    run = Run.open(path)
    label = run.column("label_index")
    of_class = [np.flatnonzero(label == index)[:4] for index in range(8)]
    first = [(of_class[0][1], of_class[0][0]), (of_class[0][2], of_class[0][1])]
    first += [tuple(sorted((a[1], a[0]), reverse=True)) for a in of_class[1:6]]
    first.append(tuple(sorted((of_class[6][0], of_class[7][0]), reverse=True)))
    pairs = pd.DataFrame(np.array(first, dtype=np.int64), columns=["sample_id", "other"])
    pairs["kind"] = ["exact", *["near"] * (len(pairs) - 1)]
    pairs["similarity"] = np.linspace(1, 0.9, len(pairs)).astype(np.float32)
    pairs["embedding_cosine"] = np.float32(0.9)
    write_table(path / layout.DUPLICATES, pairs)
    ids = np.sort([a[3] for a in of_class[:5]])
    leaks = pd.DataFrame({"sample_id": ids, "filepath": [f"train/{i}.png" for i in ids]})
    leaks["label"] = [*run.column("label")[ids[:4]], "<i>another</i>"]
    leaks["kind"], leaks["similarity"] = ["exact", *["near"] * 4], np.linspace(1, 0.92, 5).astype(np.float32)
    write_leak_pictures(path, [run.thumbnail(i) if place < 3 else None for place, i in enumerate(ids.tolist())])
    write_table(path / layout.LEAKS, leaks)
    write_json(path / layout.DUPLICATES_FACTS, {"key": "planted", "training": {"listed": 1000, "read": 990}})


def _metadata(samples: int) -> dict[str, list[Any]]:
    rng = np.random.default_rng(5)
    return {"camera": rng.choice(["phone", "scanner", "<b>webcam</b>"], samples).tolist()}


def _second_group(planted: Planted, wrong: BoolArray) -> AnyArray:
    label = planted.run.column("label_index")
    errors = np.bincount(label[wrong & ~planted.hidden_group], minlength=3)
    return np.flatnonzero((label == errors.argmax()) & ~planted.hidden_group & wrong)


def _repaired(planted: Planted) -> AnyArray:
    index, logit = planted.run.topk()
    is_old = planted.run.is_old
    shift = 0.0 if is_old is None else 3.0
    lowered = logit - shift * (0 if is_old is None else ~is_old[np.maximum(index, 0)])
    return index[np.arange(len(index)), lowered.argmax(axis=1)].astype(np.int32)


def _plane(run: Run) -> AnyArray:
    embeddings = np.asarray(run.embeddings if run.embeddings is not None else np.zeros((len(run), 2)), dtype=np.float32)
    centred = embeddings - embeddings.mean(axis=0)
    _, _, axes = np.linalg.svd(centred[:2000], full_matrices=False)
    return np.asarray(centred @ axes[:2].T, dtype=np.float32)


def _write_trustworthiness(run: Run, points: AnyArray) -> None:
    found = trustworthiness(run.embeddings, points) if run.embeddings is not None else None
    if found is not None:
        write_arrays(run.path / layout.TRUSTWORTHINESS, asdict(found))


def _cluster_table(run: Run, cluster: AnyArray) -> pd.DataFrame:
    correct, label, prediction = run.column("correct"), run.column("label"), run.column("prediction")
    base = 1 - correct.mean()
    rows = []
    for number in sorted(set(cluster.tolist()) - {-1}):
        members = cluster == number
        size, errors = int(members.sum()), int((members & ~correct).sum())
        missed = members & ~correct
        rows.append(
            {
                "cluster": number, "name": f"group {number}", "size": size, "errors": errors,
                "error_rate": errors / size,
                "expected_errors": base * size, "excess_errors": errors - base * size,
                "excess_low": errors - base * size - 2 * np.sqrt(base * size),
                "top_label": pd.Series(label[missed]).mode().iloc[0] if missed.any() else "",
                "top_prediction": pd.Series(prediction[missed]).mode().iloc[0] if missed.any() else "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(layout.CLUSTER_COLUMNS))


def _write_findings(path: Path, planted: Planted) -> None:
    (path / layout.EVIDENCE).mkdir(exist_ok=True)
    flipped = np.flatnonzero(planted.flipped)
    write_table(
        path / layout.EVIDENCE / "label_errors.parquet",
        pd.DataFrame({"sample_id": flipped, "score": np.linspace(1, 0.5, len(flipped))}),
    )
    finding = {
        "id": "label_errors", "title": "Some labels are wrong", "chapter": "labels", "verdict": "supported", "rank": 1,
        "lane": "gain", "gain": 0.04, "gain_low": 0.03, "gain_high": 0.05, "gain_kind": "fit", "accuracy_if_fixed": 0.9,
        "explained_by": None, "evidence": [], "summary": "Labels are wrong.", "fix": "Relabel.", "needs": [],
        "seconds": 0.1,
    }  # fmt: skip
    accuracy = {"overall": 0.5, "old": 0.4, "new": 0.6, "chance": 0.1, "n": len(planted.run)}
    document = {"schema_version": 1, "accuracy": accuracy, "leading": "label_errors", "findings": [finding]}
    write_json(path / layout.FINDINGS, document)
