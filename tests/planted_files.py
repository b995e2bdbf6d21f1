"""The files of a planted run, written as the pipeline writes them, from plain numpy."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from PIL import Image

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.runs import layout
from analysis.runs.atomic import write_array, write_arrays, write_table
from analysis.runs.bare_run import bare_meta, write_bare_run
from tests.planted_records import record_table


def write_baseline(
    path: Path,
    features: FloatArray,
    label: IntArray,
    names: list[str],
    is_old: BoolArray,
    rows: FloatArray,
    *,
    embeddings: bool,
) -> None:
    """The model that knew the old classes only, its list backwards: ``baseline/``."""
    known = np.flatnonzero(is_old)[::-1]
    asked = np.flatnonzero(np.isin(label, known))
    place = {int(index): new for new, index in enumerate(known)}
    weight, old_names = rows[known], [names[index] for index in known]
    samples = record_table(
        features[asked] @ weight.T, np.array([place[int(index)] for index in label[asked]]), old_names, None
    )
    samples["filepath"] = [f"images/{i:05d}.png" for i in asked]
    folder = path / layout.BASELINE
    folder.mkdir(parents=True, exist_ok=True)
    write_samples(folder, samples, [])
    write_bare_run(
        folder, bare_meta(old_names, len(known), classes_in_list=len(known), samples=len(asked)), (weight, None)
    )
    write_array(path / layout.BASELINE_ROWS, asked)
    if embeddings:
        write_array(folder / layout.EMBEDDINGS, features[asked].astype(np.float16))


def exact_neighbours(features: FloatArray, k: int) -> dict[str, AnyArray]:
    """The k nearest of each sample by cosine, (N, k), block by block: ``neighbours.npz``."""
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    index = np.empty((len(unit), k), dtype=np.int32)
    similarity = np.empty((len(unit), k), dtype=np.float32)
    for start in range(0, len(unit), 1024):
        block = unit[start : start + 1024] @ unit.T
        block[np.arange(len(block)), start + np.arange(len(block))] = -2
        near = np.argpartition(-block, k - 1, axis=1)[:, :k]
        near = np.take_along_axis(near, np.argsort(-np.take_along_axis(block, near, axis=1), axis=1), axis=1)
        index[start : start + len(block)] = near
        similarity[start : start + len(block)] = np.take_along_axis(block, near, axis=1)
    return {"index": index, "similarity": similarity}


def write_samples(path: Path, samples: pd.DataFrame, metadata: list[str]) -> None:
    """``samples.parquet``, with every column of the contract; what is not given is missing."""
    fields = list(layout.SAMPLE_FIELDS)
    for name, _ in fields:
        if name not in samples:
            samples[name] = None
    arrays = [pa.array(samples[name], type=kind, from_pandas=True) for name, kind in fields]
    arrays += [pa.array(samples[name]) for name in metadata]
    write_table(path / layout.SAMPLES, pa.table(arrays, names=[*layout.SAMPLE_COLUMNS, *metadata]))


def write_summaries(
    path: Path,
    samples: pd.DataFrame,
    names: list[str],
    is_old: BoolArray | None,
    weight: FloatArray | None,
    bias: FloatArray,
) -> None:
    """``confusions.parquet``, ``classes.parquet`` and, with a weight, ``head.npz``."""
    counts = samples.groupby(["label_index", "prediction_index"]).size().reset_index(name="count")
    write_table(
        path / layout.CONFUSIONS, pa.Table.from_pandas(counts, schema=layout.CONFUSION_SCHEMA, preserve_index=False)
    )
    size = len(names)
    support = np.bincount(samples["label_index"], minlength=size)[:size]
    predicted = np.bincount(samples["prediction_index"], minlength=size)[:size]
    correct = np.bincount(samples.loc[samples["correct"], "label_index"], minlength=size)[:size]
    classes = pd.DataFrame({"class_index": np.arange(size, dtype=np.int32), "name": names})
    classes["group"] = None if is_old is None else np.where(is_old[:size], "old", "new")
    classes["support"], classes["predicted"], classes["correct"] = support, predicted, correct
    with np.errstate(all="ignore"):
        precision, recall = correct / predicted, correct / support
        classes["precision"], classes["recall"] = precision, recall
        classes["f1"] = 2 * precision * recall / (precision + recall)
        z = 1.959963984540054
        centre = (recall + z * z / (2 * support)) / (1 + z * z / support)
        half = z * np.sqrt(recall * (1 - recall) / support + z * z / (4 * support**2)) / (1 + z * z / support)
    classes["recall_low"], classes["recall_high"] = centre - half, centre + half
    loss = samples.groupby("label_index")["loss"].mean()
    classes["mean_loss"] = loss.reindex(np.arange(size)).to_numpy()
    classes["head_norm"], classes["head_bias"] = np.nan, np.nan
    if weight is not None:
        classes.loc[: len(weight) - 1, "head_norm"] = np.linalg.norm(weight, axis=1)
        classes.loc[: len(bias) - 1, "head_bias"] = bias
        write_arrays(path / layout.HEAD, {"weight": weight, "bias": bias})
    classes["train_count"] = pd.array([None] * size, dtype="Int64")
    write_table(path / layout.CLASSES, classes)


def write_thumbnails(path: Path, true: IntArray, is_blank: BoolArray) -> None:
    """A small picture a class, and a gray one for blank pictures."""
    pictures = {}
    for kind in {*true.tolist(), -1}:
        picture = Image.new("RGB", (32, 32), (40, 40, 40) if kind < 0 else (kind * 53 % 256, kind * 97 % 256, 160))
        if kind >= 0:
            picture.paste((255, 255, 255), (4 + kind % 5 * 4, 4 + kind // 5 % 5 * 4, 12 + kind % 5 * 4, 20))
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        pictures[kind] = buffer.getvalue()
    index, data, offset = np.zeros((len(true), 3), dtype=np.int64), [], 0
    for sample, kind in enumerate(np.where(is_blank, -1, true).tolist()):
        index[sample] = 0, offset, len(pictures[kind])
        data.append(pictures[kind])
        offset += len(pictures[kind])
    (path / layout.THUMBNAILS).mkdir(exist_ok=True)
    (path / layout.THUMBNAILS / "pack-000000.bin").write_bytes(b"".join(data))
    write_array(path / layout.THUMBNAIL_INDEX, index)
