"""Synthetic run directories on disk: healthy unless a fault is planted by keyword.

Embeddings are class means plus noise, the head's rows are those means, logits follow exactly; everything the library
would have streamed is computed here with plain numpy on the full N × C matrix, as a second implementation.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from PIL import Image

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.runs import layout
from analysis.runs.atomic import write_array, write_arrays, write_json, write_table
from analysis.runs.bare_run import bare_meta, write_bare_run
from analysis.runs.run import Run

TOP = 32
HeadEdit = Callable[[FloatArray, FloatArray, BoolArray, np.random.Generator], None]


@dataclass(kw_only=True)
class Planted:
    """What was planted, so that a test can compare: N samples, C classes."""

    run: Run
    flipped: BoolArray  # (N,) label is wrong
    hidden_group: BoolArray  # (N,) in the unnamed group that fails
    permutation: IntArray  # (C,) class whose row stands at column j
    accuracy_healthy: float  # with every fault undone but flips and the hidden group
    notes: dict[str, Any] = field(default_factory=dict)


def make_run(
    path: Path,
    *,
    classes: int = 10,
    per_class: int = 80,
    dims: int = 32,
    old: float | None = 0.7,
    noise: float = 0.8,
    scale: float = 6.0,
    permute: float | IntArray = 0.0,
    new_bias: float = 0.0,
    new_scale: float = 1.0,
    class_bias: FloatArray | None = None,
    flip: float = 0.0,
    hidden_group: float = 0.0,
    zero_rows: int = 0,
    nan_rows: int = 0,
    duplicate_rows: int = 0,
    extra_outputs: int = 0,
    missing_outputs: int = 0,
    blank: float = 0.0,
    unreadable: int = 0,
    unknown_labels: int = 0,
    metadata: dict[str, list[Any]] | None = None,
    degraded: BoolArray | None = None,
    shortcut: BoolArray | None = None,
    class_names: list[str] | None = None,
    embeddings: bool = True,
    head: bool = True,
    thumbnails: bool = True,
    clusters: bool = False,
    baseline: bool = False,
    drift: float = 0.1,
    edit_head: HeadEdit | None = None,
    weights: pd.DataFrame | None = None,
    seed: int = 0,
) -> Planted:
    """Write a run directory and say what was planted in it.

    Args:
        path: Where to write it.
        classes: C, length of the class list.
        per_class: Samples of each class; N = C × per_class.
        dims: D.
        old: Share of the classes that are old (the first ones in a seeded random order), None for no split.
        noise: Standard deviation of the embeddings around their class mean (means have length 1 before `scale`).
        scale: Factor on the logits, so that a healthy model is confident.
        permute: Share of the columns to permute, or the permutation itself: column j holds the row of class permute[j].
        new_bias: Logits added to the columns of new classes (after the permutation it follows the row).
        new_scale: Factor on the weights of new classes' rows, their biases untouched.
        class_bias: Logits added to the output of each class, (C,).
        flip: Share of labels replaced by a random other class.
        hidden_group: Share of samples moved to a place of their own in embedding space, where the head is at a loss.
        zero_rows: Head rows set to zero. nan_rows, duplicate_rows: likewise not finite, or copies of their neighbour.
        extra_outputs: Head outputs beyond the class list. missing_outputs: classes beyond the head.
        blank: Share of pictures of a single colour (their embeddings are noise).
        unreadable: Rows of problems.parquet. unknown_labels: likewise, with a label that is no class.
        metadata: Columns of the manifest, N values each.
        degraded: (N,) samples whose embeddings are weak, noisy and moved aside, as blurred pictures' are.
        shortcut: (N,) samples moved in a direction that the rows of the new classes like, as a source's look may be.
        class_names: Names to use instead of ``class 000`` ….
        embeddings, head, thumbnails: False leaves them out of the run.
        clusters: Fill in `cluster`: 0 = the hidden group, then neighbouring classes two by two, a tenth in none.
        baseline: Write ``baseline/``, the model that knew the old classes only: its list is sorted backwards, its
            embeddings are the same, its rows those of the healthy head but for `drift`.
        drift: How far rows are from the baseline's, as a share of their length: a normal fine-tuning.
        edit_head: Called with weight (C, D), bias (C,), is_old (C,) and a generator to change the head in place, by
            class, before it is permuted.
        weights: ``weights.parquet``; see `tensor_row`.
        seed: Of everything random.
    """
    rng = np.random.default_rng(seed)
    n = classes * per_class
    means = rng.normal(size=(classes, dims))
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    true = np.repeat(np.arange(classes), per_class)
    rng.shuffle(true)
    features = means[true] + rng.normal(size=(n, dims)) * noise / np.sqrt(dims) * 2
    in_group = np.zeros(n, dtype=np.bool_)
    in_group[rng.permutation(n)[: round(hidden_group * n)]] = True
    away = rng.normal(size=dims)
    away *= 2.0 / np.linalg.norm(away)
    features[in_group] = 0.15 * features[in_group] + away
    features, liked = _of_sources(features, degraded, shortcut, seed)
    is_blank = np.zeros(n, dtype=np.bool_)
    is_blank[rng.permutation(n)[: round(blank * n)]] = True
    features[is_blank] = rng.normal(size=dims) * 0.1
    features = features.astype(np.float16).astype(np.float32)

    is_old = None
    if old is not None:
        is_old = np.zeros(classes, dtype=np.bool_)
        is_old[rng.permutation(classes)[: round(old * classes)]] = True
    weight, bias = (means * scale).astype(np.float32), np.zeros(classes, dtype=np.float32)
    is_new = np.zeros(classes, dtype=np.bool_) if is_old is None else ~is_old
    bias[is_new] += new_bias
    weight[is_new] = np.float32(new_scale) * (weight[is_new] + (scale * liked).astype(np.float32))
    bias += np.float32(0) if class_bias is None else class_bias.astype(np.float32)
    if edit_head is not None:
        edit_head(weight, bias, is_new if is_old is None else is_old, rng)
    permutation = _permutation(permute, classes, rng)
    healthy = float((np.argmax(features @ (means * scale).T, axis=1) == true)[~in_group & ~is_blank].mean())
    weight, bias = weight[permutation], bias[permutation]
    weight[:zero_rows], bias[:zero_rows] = 0, 0
    if nan_rows:
        weight[classes - nan_rows :] = np.nan
    for row in range(duplicate_rows):
        weight[2 * row + 1], bias[2 * row + 1] = weight[2 * row], bias[2 * row]
    outputs = classes + extra_outputs - missing_outputs
    if extra_outputs:
        weight = np.vstack([weight, rng.normal(size=(extra_outputs, dims)).astype(np.float32)])
        bias = np.concatenate([bias, np.full(extra_outputs, -5, dtype=np.float32)])
    weight, bias = weight[:outputs], bias[:outputs]

    label = true.copy()
    flipped = np.zeros(n, dtype=np.bool_)
    flipped[rng.permutation(n)[: round(flip * n)]] = True
    label[flipped] = (true[flipped] + rng.integers(1, classes, size=int(flipped.sum()))) % classes

    names = class_names or [f"class {index:03d}" for index in range(classes)]
    names = names + [layout.unnamed_output(index) for index in range(classes, outputs)]
    grouped = None if is_old is None else np.concatenate([is_old, np.zeros(max(0, outputs - classes), dtype=np.bool_)])
    logits = features @ weight.T + bias
    samples = record_table(logits, label, names, grouped)
    samples["filepath"] = [f"images/{names[label[i]]}/{i:05d}.png" for i in range(n)]
    samples["pixel_std"] = np.where(is_blank, 0.0, 40 + rng.normal(size=n)).astype(np.float32)
    samples["width"], samples["height"], samples["mode"] = np.int32(32), np.int32(32), "RGB"
    samples["content_hash"] = rng.integers(-(2**62), 2**62, size=n)
    if clusters:
        place = np.where(in_group, 0, 1 + true // 2)
        samples["cluster"] = np.where(rng.random(n) < 0.1, -1, place).astype(np.int32)
    renamed = layout.metadata_names(list(metadata or {}))
    for column, values in (metadata or {}).items():
        samples[renamed[column]] = values

    path.mkdir(parents=True, exist_ok=True)
    _write_samples(path, samples, list(renamed.values()))
    _write_rest(path, samples, names, grouped, weight if head else None, bias)
    if weights is not None:
        write_table(path / layout.WEIGHTS, weights)
    if baseline and is_old is not None:
        before = (means + drift * rng.normal(size=means.shape) / np.sqrt(dims)) * scale
        _write_baseline(path, features, label, names, is_old, before.astype(np.float32), embeddings=embeddings)
    problems = [(f"images/broken/{i}.png", "cannot identify image file", None) for i in range(unreadable)]
    problems += [
        (f"images/other/{i}.png", f'label "stranger {i % 3}" is not in the class list', f"stranger {i % 3}")
        for i in range(unknown_labels)
    ]
    frame = pd.DataFrame(problems, columns=["filepath", "reason", "label"])
    write_table(path / layout.PROBLEMS, pa.Table.from_pandas(frame, schema=layout.PROBLEM_SCHEMA, preserve_index=False))
    if embeddings:
        write_array(path / layout.EMBEDDINGS, features.astype(np.float16))
        write_arrays(path / layout.NEIGHBOURS, _neighbours(features, min(15, n - 1)))
    if thumbnails:
        _write_thumbnails(path, true, is_blank)
    write_json(
        path / layout.META,
        {
            "schema_version": layout.SCHEMA_VERSION,
            "title": "A planted run",
            "created": "2026-01-01T00:00:00+00:00",
            "state": "done",
            "digests": {"checkpoint": f"{path.name} {seed}", "data": str(seed), "classes": "", "preprocessing": ""},
            "class_names": names,
            "is_old": None if grouped is None else [bool(value) for value in grouped],
            "outputs": outputs,
            "classes_in_list": classes,
            "metadata_columns": list(renamed.values()),
            "counts": {"samples": n, "problems": len(problems), "unknown_labels": unknown_labels},
            "notices": [],
            "spec": {},
            "timings": {},
        },
    )
    return Planted(
        run=Run.open(path),
        flipped=flipped,
        hidden_group=in_group,
        permutation=permutation,
        accuracy_healthy=healthy,
        notes={"blank": is_blank},
    )


def with_train_counts(run: Run, counts: IntArray) -> None:
    """Write how many training images each class has."""
    classes = run.classes.copy()
    classes["train_count"] = pd.array(counts, dtype="Int64")
    classes.to_parquet(run.path / layout.CLASSES)
    vars(run).pop("classes")


def subset(run: Run, rows: IntArray, path: Path) -> Run:
    """Some samples of a planted run as a run of their own; no neighbours, no pictures."""
    path.mkdir(parents=True)
    samples = run.table().iloc[rows].reset_index(drop=True)
    samples["sample_id"] = np.arange(len(rows))
    _write_samples(path, samples, list(run.metadata_columns))
    for name in (layout.META, layout.HEAD, layout.CLASSES, layout.PROBLEMS):
        if (run.path / name).is_file():
            (path / name).write_bytes((run.path / name).read_bytes())
    if run.embeddings is not None:
        write_array(path / layout.EMBEDDINGS, np.asarray(run.embeddings[rows]))
    return Run.open(path)


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


def _write_baseline(
    path: Path,
    features: FloatArray,
    label: IntArray,
    names: list[str],
    is_old: BoolArray,
    rows: FloatArray,
    *,
    embeddings: bool,
) -> None:
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
    _write_samples(folder, samples, [])
    write_bare_run(
        folder, bare_meta(old_names, len(known), classes_in_list=len(known), samples=len(asked)), (weight, None)
    )
    write_array(path / layout.BASELINE_ROWS, asked)
    if embeddings:
        write_array(folder / layout.EMBEDDINGS, features[asked].astype(np.float16))


def _of_sources(
    features: FloatArray, degraded: BoolArray | None, shortcut: BoolArray | None, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Embeddings (N, D) of pictures from other sources, and what new rows like of it (D,)."""
    rng = np.random.default_rng([seed, 1])
    aside, liked = (direction / np.linalg.norm(direction) for direction in rng.normal(size=(2, features.shape[1])))
    if degraded is not None:
        features[degraded] = 0.6 * features[degraded] + 0.5 * aside
        features[degraded] += rng.normal(size=(int(degraded.sum()), len(aside))) * 0.9 / np.sqrt(len(aside))
    if shortcut is None:
        return features, 0.0 * liked
    features[shortcut] += 0.7 * liked
    return features, 0.7 * liked


def _permutation(permute: float | IntArray, classes: int, rng: np.random.Generator) -> IntArray:
    if not np.isscalar(permute):
        return np.asarray(permute)
    permutation = np.arange(classes)
    moved = rng.permutation(classes)[: round(float(permute) * classes)]
    permutation[moved] = np.roll(moved, 1)
    return permutation


def record_table(logits: FloatArray, label: IntArray, names: list[str], is_old: BoolArray | None) -> pd.DataFrame:
    """Everything ``samples.parquet`` keeps of a full logit matrix (N, C), in float64 numpy."""
    n, outputs = logits.shape
    z = logits.astype(np.float64)
    rows = np.arange(n)
    has_column = label < outputs
    safe = np.minimum(label, outputs - 1)
    prediction = np.where(
        np.isnan(z).any(axis=1), np.isnan(z).argmax(axis=1), np.nan_to_num(z, nan=-np.inf).argmax(axis=1)
    )
    label_logit = np.where(has_column, z[rows, safe], np.nan)
    lse = _logsumexp(z)
    p = np.exp(z - lse[:, None])
    others = z.copy()
    others[rows[has_column], label[has_column]] = -np.inf
    table = pd.DataFrame({"sample_id": rows})
    table["label"] = [names[i] if i < len(names) else f"class {i:03d}" for i in label]
    table["label_index"] = label.astype(np.int32)
    table["prediction"] = [names[i] for i in prediction]
    table["prediction_index"] = prediction.astype(np.int32)
    table["correct"] = prediction == label
    table["confidence"] = np.exp(z[rows, prediction] - lse)
    table["loss"] = lse - label_logit
    table["margin"] = label_logit - others.max(axis=1)
    table["entropy"] = lse - np.where(p > 0, p * z, 0 * p).sum(axis=1)
    rank = (z > label_logit[:, None]).sum(axis=1)
    table["label_rank"] = np.where(has_column, rank, outputs).astype(np.int32)
    table["label_logit"] = label_logit
    for group, mask in _groups(is_old, outputs).items():
        where = np.flatnonzero(mask)
        table[f"max_logit_{group}"] = z[:, where].max(axis=1)
        table[f"best_{group}_index"] = where[z[:, where].argmax(axis=1)].astype(np.int32)
        table[f"mean_logit_{group}"] = z[:, where].mean(axis=1)
        table[f"logsumexp_{group}"] = _logsumexp(z[:, where])
    table["logsumexp"] = lse
    index, logit = _top(z, is_old)
    table["topk_index"], table["topk_logit"] = list(index), list(logit)
    table["nonfinite"] = (~np.isfinite(z)).sum(axis=1).astype(np.int32)
    return table


def _groups(is_old: BoolArray | None, outputs: int) -> dict[str, BoolArray]:
    return {} if is_old is None else {"old": is_old[:outputs], "new": ~is_old[:outputs]}


def _logsumexp(z: FloatArray) -> FloatArray:
    top = z.max(axis=1)
    return np.asarray(top + np.log(np.exp(z - top[:, None]).sum(axis=1)))


def _largest(z: FloatArray) -> IntArray:
    """The `TOP` largest of each row; of many columns without sorting them all, so that ties may go to any."""
    if z.shape[1] <= 64 * TOP:
        return np.argsort(-z, axis=1, kind="stable")[:, :TOP]
    return np.argpartition(-z, TOP - 1, axis=1)[:, :TOP]


def _top(z: FloatArray, is_old: BoolArray | None) -> tuple[AnyArray, AnyArray]:
    outputs = z.shape[1]
    parts = list(_groups(is_old, outputs).values()) or [np.ones(outputs, dtype=np.bool_)]
    first = np.nan_to_num(z, nan=np.inf)
    index = np.hstack([np.flatnonzero(m)[_largest(first[:, m])] for m in parts if m.any()])
    order = np.argsort(-np.take_along_axis(first, index, axis=1), axis=1, kind="stable")
    index = np.take_along_axis(index, order, axis=1)
    return index.astype(np.int32), np.take_along_axis(z, index, axis=1).astype(np.float32)


def _neighbours(features: FloatArray, k: int) -> dict[str, AnyArray]:
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


def _write_samples(path: Path, samples: pd.DataFrame, metadata: list[str]) -> None:
    fields = list(layout.SAMPLE_FIELDS)
    for name, _ in fields:
        if name not in samples:
            samples[name] = None
    arrays = [pa.array(samples[name], type=kind, from_pandas=True) for name, kind in fields]
    arrays += [pa.array(samples[name]) for name in metadata]
    write_table(path / layout.SAMPLES, pa.table(arrays, names=[*layout.SAMPLE_COLUMNS, *metadata]))


def _write_rest(
    path: Path,
    samples: pd.DataFrame,
    names: list[str],
    is_old: BoolArray | None,
    weight: FloatArray | None,
    bias: FloatArray,
) -> None:
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


def _write_thumbnails(path: Path, true: IntArray, is_blank: BoolArray) -> None:
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
