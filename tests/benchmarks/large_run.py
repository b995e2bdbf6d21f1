"""A run of any size, written directly: plausible columns without ever computing N × C logits."""

import io
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.runs import layout
from analysis.runs.atomic import write_array, write_arrays, write_json, write_table
from analysis.runs.run import Run
from analysis.stages import judge
from tests.planting import make_run

STORED = 32  # candidates of each group
CLUSTERS = 25
CHUNK = 65_536  # samples made at a time: memory does not grow with N times the candidates


def write_large_run(path: Path, *, samples: int, classes: int, dims: int = 256, seed: int = 0) -> None:
    """Write a run directory with everything the pages read.

    Args:
        path: Where to write it.
        samples: N. classes: C, two thirds of them old. dims: D of the head's rows.
        seed: Of everything random.
    """
    rng = np.random.default_rng(seed)
    is_old = np.zeros(classes, dtype=np.bool_)
    is_old[rng.permutation(classes)[: 2 * classes // 3]] = True
    label = rng.integers(0, classes, samples)
    path.mkdir(parents=True, exist_ok=True)
    names = np.array([f"Species number {i:05d}" for i in range(classes)], dtype=object)
    kept = []
    schema = pa.schema([*layout.SAMPLE_FIELDS, ("camera", pa.string())])
    with pq.ParquetWriter(path / layout.SAMPLES, schema, compression="zstd") as writer:
        for start in range(0, samples, CHUNK):
            part = label[start : start + CHUNK]
            table, lists = _samples(rng, is_old, part, _candidates(rng, is_old, part))
            table.insert(0, "sample_id", np.arange(start, start + len(part)))
            for column in ("label", "prediction"):
                table[column] = names[table[f"{column}_index"]]
            table["filepath"] = [f"images/{name}/{start + i:07d}.jpg" for i, name in enumerate(table["label"])]
            writer.write_table(_arrow(table, lists, schema))
            kept.append(table[["label_index", "prediction_index", "correct", "loss", "cluster"]])
    weight = rng.normal(size=(classes, dims)).astype(np.float32)
    _write(path, pd.concat(kept, ignore_index=True), list(names), is_old, weight)
    _write_graph(path, rng, samples, dims)
    _write_pictures(path, rng, samples)
    _write_checklist(path)
    write_findings(path, rng, samples)


def _arrow(table: pd.DataFrame, lists: dict[str, AnyArray], schema: pa.Schema) -> pa.Table:
    columns = []
    for field in schema:
        if field.name in lists:
            values = lists[field.name]
            offsets = pa.array(np.arange(len(values) + 1, dtype=np.int32) * values.shape[1])
            columns.append(pa.ListArray.from_arrays(offsets, pa.array(values.ravel(), type=field.type.value_type)))
        elif field.name in table:
            columns.append(pa.array(table[field.name], type=field.type, from_pandas=True))
        else:
            columns.append(pa.nulls(len(table), type=field.type))
    return pa.table(columns, schema=schema)


def _candidates(
    rng: np.random.Generator, is_old: BoolArray, label: IntArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Random candidates of both groups, the label's among them, new ones 4 logits too high."""
    n = len(label)
    groups = [rng.choice(np.flatnonzero(mask), size=(n, STORED)) for mask in (is_old, ~is_old)]
    own = rng.normal(9, 3, n)
    for mask, chosen in zip((is_old, ~is_old), groups, strict=True):
        mine = mask[label]
        chosen[mine, 0] = label[mine]
    index = np.hstack(groups)
    logit = rng.normal(2, 2, index.shape)
    logit[index == label[:, None]] = np.repeat(own, (index == label[:, None]).sum(axis=1))
    logit += 4.0 * ~is_old[index]
    own = own + 4.0 * ~is_old[label]
    order = np.argsort(-logit, axis=1)
    return np.take_along_axis(index, order, 1), np.take_along_axis(logit, order, 1), own


def _samples(
    rng: np.random.Generator, is_old: BoolArray, label: IntArray, candidates: tuple[IntArray, FloatArray, FloatArray]
) -> tuple[pd.DataFrame, dict[str, AnyArray]]:
    index, logit, own = candidates
    n = len(label)
    table = pd.DataFrame({"label_index": label, "prediction_index": index[:, 0]})
    table["correct"] = table["prediction_index"] == label
    logsumexp = np.log(np.exp(logit).sum(axis=1))
    table["confidence"], table["loss"] = np.exp(logit[:, 0] - logsumexp), logsumexp - own
    best_other = np.where(index == label[:, None], -np.inf, logit).max(axis=1)
    table["margin"], table["label_logit"], table["logsumexp"] = own - best_other, own, logsumexp
    table["entropy"], table["label_rank"] = rng.gamma(2, 1, n), (logit > own[:, None]).sum(axis=1)
    for group, mask in (("old", is_old), ("new", ~is_old)):
        of_group = np.where(mask[index], logit, -np.inf)
        table[f"max_logit_{group}"] = of_group.max(axis=1)
        table[f"best_{group}_index"] = index[np.arange(n), of_group.argmax(axis=1)]
    centre = np.random.default_rng(0).normal(0, 8, (200, 2))
    which = rng.integers(0, 200, n)
    table["projection_x"], table["projection_y"] = (centre[which] + rng.normal(0, 0.6, (n, 2))).T
    table["cluster"] = np.where(which < CLUSTERS, which, -1)
    table["label_quality"], table["label_issue"] = rng.random(n), rng.random(n) < 0.04
    table["prediction_repaired_index"] = np.where(rng.random(n) < 0.3, label, table["prediction_index"])
    table["correct_repaired"] = table["prediction_repaired_index"] == label
    table["camera"] = rng.choice(["phone", "scanner", "drone"], n)
    return table, {"topk_index": index.astype(np.int32), "topk_logit": logit.astype(np.float32)}


def _write(path: Path, table: pd.DataFrame, names: list[str], is_old: BoolArray, weight: FloatArray) -> None:
    counts = table.groupby(["label_index", "prediction_index"]).size().reset_index(name="count")
    write_table(
        path / layout.CONFUSIONS, pa.Table.from_pandas(counts, schema=layout.CONFUSION_SCHEMA, preserve_index=False)
    )
    write_table(path / layout.CLASSES, _classes(table, names, is_old, weight))
    write_table(path / layout.CLUSTERS, _clusters(table))
    write_arrays(path / layout.HEAD, {"weight": weight, "bias": np.where(is_old, 0, 4).astype(np.float32)})
    empty = pd.DataFrame(columns=["filepath", "reason", "label"])
    write_table(path / layout.PROBLEMS, pa.Table.from_pandas(empty, schema=layout.PROBLEM_SCHEMA, preserve_index=False))
    meta = {
        "schema_version": layout.SCHEMA_VERSION, "title": "A large run", "created": "2026-01-01T00:00:00+00:00",
        "state": "done", "class_names": names, "is_old": [bool(v) for v in is_old], "outputs": len(names),
        "classes_in_list": len(names), "metadata_columns": ["camera"],
        "counts": {"samples": len(table), "problems": 0, "unknown_labels": 0}, "notices": [], "spec": {}, "timings": {},
    }  # fmt: skip
    write_json(path / layout.META, meta)


def _classes(table: pd.DataFrame, names: list[str], is_old: BoolArray, weight: FloatArray) -> pd.DataFrame:
    size = len(names)
    support = np.bincount(table["label_index"], minlength=size)
    predicted = np.bincount(table["prediction_index"], minlength=size)
    correct = np.bincount(table.loc[table["correct"], "label_index"], minlength=size)
    with np.errstate(all="ignore"):
        recall, precision = correct / support, correct / predicted
    loss = table.groupby("label_index")["loss"].mean().reindex(np.arange(size)).to_numpy()
    return pd.DataFrame(
        {"class_index": np.arange(size), "name": names, "group": np.where(is_old, "old", "new"), "support": support,
         "predicted": predicted, "correct": correct, "precision": precision, "recall": recall, "f1": recall,
         "recall_low": np.clip(recall - 0.2, 0, 1), "recall_high": np.clip(recall + 0.2, 0, 1), "mean_loss": loss,
         "head_norm": np.linalg.norm(weight, axis=1), "head_bias": np.where(is_old, 0.0, 4.0),
         "train_count": pd.array([None] * size, dtype="Int64")}
    )  # fmt: skip


def _clusters(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for number, part in table[table["cluster"] >= 0].groupby("cluster"):
        errors, expected = int((~part["correct"]).sum()), 0.4 * len(part)
        rows.append((number, f"group {number}", len(part), errors, errors / len(part), expected, errors - expected,
                     errors - expected - 5, "", ""))  # fmt: skip
    return pd.DataFrame(rows, columns=list(layout.CLUSTER_COLUMNS))


def _write_checklist(path: Path) -> None:
    """Findings of a small run whose new classes' logits are too high: what the page reads does not grow with N."""
    with tempfile.TemporaryDirectory() as temporary:
        small = Path(temporary) / "small"
        make_run(small, per_class=40, new_bias=4.0, thumbnails=False)
        judge(Run.open(small), lambda *_: None)
        shutil.copy(small / layout.FINDINGS, path / layout.FINDINGS)
        shutil.copytree(small / layout.EVIDENCE, path / layout.EVIDENCE, dirs_exist_ok=True)


def write_findings(path: Path, rng: np.random.Generator, samples: int) -> None:
    """What the pages Duplicates and Slices read: copies of two per cent of the samples, and the search for slices."""
    second = np.sort(rng.choice(np.arange(1, samples), max(1, samples // 50), replace=False))
    pairs = pd.DataFrame({"sample_id": second, "other": (second * rng.random(len(second))).astype(np.int64)})
    pairs["kind"] = np.where(rng.random(len(pairs)) < 0.3, "exact", "near")
    pairs["similarity"] = rng.uniform(0.9, 1, len(pairs)).astype(np.float32)
    pairs["embedding_cosine"] = pairs["similarity"]
    write_table(path / layout.DUPLICATES, pairs)
    write_json(path / layout.DUPLICATES_FACTS, {"key": "planted", "training": None})
    folder = path / layout.EVIDENCE / "metadata_slice"
    texts = ['camera = "drone"', 'camera = "phone" and loss >= 2', "entropy >= 4"]
    slices = pd.DataFrame({"slice": texts, "failing": [True, False, False], "p_adjusted": [0.001, 0.2, 0.3]})
    slices[["size", "errors"]] = samples // 10
    slices[["held_out_excess", "excess_low", "excess_high"]] = [30.0, 10.0, 50.0]
    write_table(folder / "slices.parquet", slices)
    write_table(folder / "columns.parquet", pd.DataFrame({"column": ["camera"], "left_out_because": [""]}))


def _write_graph(path: Path, rng: np.random.Generator, samples: int, dims: int) -> None:
    index = rng.integers(0, samples, (samples, 15)).astype(np.int32)
    similarity = -np.sort(-rng.random((samples, 15)), axis=1).astype(np.float32)
    write_arrays(path / layout.NEIGHBOURS, {"index": index, "similarity": similarity})
    vectors = rng.integers(1, 9, (samples, dims), dtype=np.uint8).astype(np.float16)
    write_array(path / layout.EMBEDDINGS, vectors)


def _write_pictures(path: Path, rng: np.random.Generator, samples: int) -> None:
    pictures: list[bytes] = []
    for _ in range(50):
        pixels: AnyArray = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).resize((128, 128)).save(buffer, "JPEG", quality=80)
        pictures.append(buffer.getvalue())
    lengths = np.array([len(picture) for picture in pictures])
    offsets = np.r_[0, np.cumsum(lengths)[:-1]]
    which = np.arange(samples) % len(pictures)
    (path / layout.THUMBNAILS).mkdir(exist_ok=True)
    (path / layout.THUMBNAILS / "pack-000000.bin").write_bytes(b"".join(pictures))
    write_array(
        path / layout.THUMBNAIL_INDEX, np.stack([np.zeros(samples, int), offsets[which], lengths[which]], axis=1)
    )
