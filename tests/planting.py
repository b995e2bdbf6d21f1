"""Synthetic run directories on disk: healthy unless a fault is planted by keyword.

Embeddings are class means plus noise, the head's rows are those means, logits follow exactly; everything the library
would have streamed is computed here with plain numpy on the full N × C matrix, as a second implementation.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.runs import layout
from analysis.runs.atomic import write_array, write_arrays, write_json, write_table
from analysis.runs.run import Run
from tests.planted_files import exact_neighbours, write_baseline, write_samples, write_summaries, write_thumbnails
from tests.planted_records import record_table

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
        weights: ``weights.parquet``; see `planted_weights`.
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
    write_samples(path, samples, list(renamed.values()))
    write_summaries(path, samples, names, grouped, weight if head else None, bias)
    if weights is not None:
        write_table(path / layout.WEIGHTS, weights)
    if baseline and is_old is not None:
        before = (means + drift * rng.normal(size=means.shape) / np.sqrt(dims)) * scale
        write_baseline(path, features, label, names, is_old, before.astype(np.float32), embeddings=embeddings)
    problems = [(f"images/broken/{i}.png", "cannot identify image file", None) for i in range(unreadable)]
    problems += [
        (f"images/other/{i}.png", f'label "stranger {i % 3}" is not in the class list', f"stranger {i % 3}")
        for i in range(unknown_labels)
    ]
    frame = pd.DataFrame(problems, columns=["filepath", "reason", "label"])
    write_table(path / layout.PROBLEMS, pa.Table.from_pandas(frame, schema=layout.PROBLEM_SCHEMA, preserve_index=False))
    if embeddings:
        write_array(path / layout.EMBEDDINGS, features.astype(np.float16))
        write_arrays(path / layout.NEIGHBOURS, exact_neighbours(features, min(15, n - 1)))
    if thumbnails:
        write_thumbnails(path, true, is_blank)
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
    write_samples(path, samples, list(run.metadata_columns))
    for name in (layout.META, layout.HEAD, layout.CLASSES, layout.PROBLEMS):
        if (run.path / name).is_file():
            (path / name).write_bytes((run.path / name).read_bytes())
    if run.embeddings is not None:
        write_array(path / layout.EMBEDDINGS, np.asarray(run.embeddings[rows]))
    return Run.open(path)


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
