"""Opening and reading one run."""

import json
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis.arrays import AnyArray, BoolArray
from analysis.errors import RunError
from analysis.runs import layout
from analysis.runs.mark import RunMark
from analysis.runs.run import Run
from app.queries.roots import runs_root

_VERSIONED = (
    layout.META, layout.SAMPLES, layout.PROBLEMS, layout.CLASSES, layout.CONFUSIONS, layout.CLUSTERS, layout.EMBEDDINGS,
    layout.LOGIT_HISTOGRAMS, layout.FINDINGS, layout.HEAD, layout.NEIGHBOURS, layout.THUMBNAIL_INDEX, layout.EVIDENCE,
    layout.RERUN_VARIANTS, layout.DUPLICATES, layout.LEAKS, layout.CLUSTER_FACTS, layout.CLUSTERING, layout.CLUSTERINGS,
    layout.HIERARCHY, layout.PICTURE_SLICES,
)  # fmt: skip


_TABLE_FILES = {
    "classes": layout.CLASSES, "confusions": layout.CONFUSIONS, "clusters": layout.CLUSTERS,
    "problems": layout.PROBLEMS, "findings": layout.FINDINGS, "duplicates": layout.DUPLICATES, "leaks": layout.LEAKS,
}  # fmt: skip


class RunKey(NamedTuple):
    """What every cached answer is keyed on."""

    id: str
    version: int


def run_path(run_id: str) -> Path:
    """The folder of a run.

    Raises:
        RunError: If the id is no plain folder name; nothing outside the runs root is ever touched.
    """
    if not run_id or Path(run_id).name != run_id or run_id.startswith(".") or "\x00" in run_id:
        raise RunError(f"{run_id!r} is no run id: an id is the name of a folder below {runs_root()}.")
    return runs_root() / run_id


def run_key(run_id: str) -> RunKey:
    """The key of a run as it is on disk now.

    Raises:
        RunError: If there is no such run (any more).
    """
    path = run_path(run_id)
    marks = []
    for name in _VERSIONED:
        try:
            status = (path / name).stat()
        except OSError:
            continue
        marks.append((name, status.st_mtime_ns, status.st_size))
    if not any(name == layout.META for name, _, _ in marks):
        raise RunError(f"There is no run called {run_id!r} in {runs_root()}.")
    return RunKey(run_id, zlib.crc32(repr(marks).encode()))


class OpenRun(NamedTuple):
    """A reader and its lock: one Parquet reader must not be used by two threads at once."""

    run: Run
    lock: threading.RLock


@st.cache_resource(max_entries=8, show_spinner=False)
def open_run(key: RunKey) -> OpenRun:
    """The reader behind all other questions; pages ask those instead.

    Raises:
        RunError: If the run cannot be read.
    """
    return OpenRun(Run.open(run_path(key.id)), threading.RLock())


def meta(key: RunKey) -> dict[str, Any]:
    """``run.json``."""
    return open_run(key).run.meta


def mark(key: RunKey) -> RunMark:
    """What a link says of this run."""
    return RunMark.of(meta(key))


def has_samples(key: RunKey) -> bool:
    """Whether inference has finished, so that `column` and `samples` answer."""
    return (run_path(key.id) / layout.SAMPLES).is_file()


def has_table(key: RunKey, what: str) -> bool:
    """Whether an export of this name would find its file."""
    file = _TABLE_FILES.get(what, layout.SAMPLES)
    return (run_path(key.id) / file).is_file()


def size(key: RunKey) -> int:
    """N, the number of readable labelled samples."""
    run, lock = open_run(key)
    with lock:
        return len(run)


def column(key: RunKey, name: str) -> AnyArray:
    """One column of ``samples.parquet`` as an array of N values (see `Run.column`); kept in memory, read-only.

    Raises:
        KeyError: If the run has no such column.
    """
    run, lock = open_run(key)
    with lock:
        return run.column(name)


def arrow_column(key: RunKey, name: str) -> pa.ChunkedArray:
    """One column of N values as it is stored, nulls included; read anew at every call.

    Raises:
        KeyError: If the run has no such column.
    """
    run, lock = open_run(key)
    with lock:
        return run.arrow_column(name)


def first_rows(key: RunKey, rows: int) -> pa.Table:
    """The first rows of ``samples.parquet``, all columns."""
    run, lock = open_run(key)
    with lock:
        return run.first_rows(rows)


def columns(key: RunKey) -> tuple[str, ...]:
    """Names of the columns of ``samples.parquet``."""
    run, lock = open_run(key)
    with lock:
        return run.columns


def metadata_columns(key: RunKey) -> tuple[str, ...]:
    """Names of the manifest's own columns."""
    return open_run(key).run.metadata_columns


def samples(key: RunKey, names: Sequence[str]) -> pd.DataFrame:
    """Some columns as a frame of N rows in sample order (row number = sample_id), built from `column`."""
    return pd.DataFrame({name: column(key, name) for name in names})


def topk(key: RunKey) -> tuple[AnyArray, AnyArray]:
    """Stored candidates of each sample, largest logit first: index (N, K) padded with −1, logit (N, K) with −inf."""
    run, lock = open_run(key)
    with lock:
        return run.topk()


def row(key: RunKey, sample_id: int, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Values of one sample (default: all), nulls None; of a large run it reads a part, never a column.

    Raises:
        IndexError: If there is no such sample.
    """
    run, lock = open_run(key)
    with lock:
        return run.row(sample_id, names)


def classes(key: RunKey) -> pd.DataFrame:
    """``classes.parquet``; empty while the reports are not there yet."""
    return open_run(key).run.classes


def confusions(key: RunKey) -> pd.DataFrame:
    """``confusions.parquet``."""
    return open_run(key).run.confusions


def clusters(key: RunKey) -> pd.DataFrame:
    """``clusters.parquet``, largest lower bound of the excess errors first; empty when there are none (yet)."""
    frame = open_run(key).run.clusters
    return frame if frame.empty else frame.sort_values("excess_low", ascending=False, kind="stable")


@st.cache_resource(max_entries=8, show_spinner=False)
def hierarchy(key: RunKey) -> pd.DataFrame | None:
    """``hierarchy.parquet``: `class_index` and `level_1`, `level_2`, … of the classes that are listed; None without."""
    file = run_path(key.id) / layout.HIERARCHY
    return pd.read_parquet(file) if file.is_file() else None


def problems(key: RunKey) -> pd.DataFrame:
    """``problems.parquet``: samples that could not be used."""
    return open_run(key).run.problems


def class_names(key: RunKey) -> tuple[str, ...]:
    """Names in index order."""
    return open_run(key).run.class_names


def is_old(key: RunKey) -> BoolArray | None:
    """(C,) True where the class was known before; None without an old/new split."""
    return open_run(key).run.is_old


def findings(key: RunKey) -> dict[str, Any] | None:
    """``findings.json``, or None before the diagnosis."""
    return open_run(key).run.findings


def evidence(key: RunKey, hypothesis_id: str) -> pd.DataFrame | None:
    """Samples a finding points at, or None."""
    return open_run(key).run.evidence(hypothesis_id)


def picture_slices(key: RunKey) -> pd.DataFrame | None:
    """``picture_slices.parquet``; None where pictures were not searched for slices (yet)."""
    frame = open_run(key).run.picture_slices
    return frame if len(frame.columns) else None


@st.cache_resource(max_entries=128, show_spinner=False)
def evidence_tables(key: RunKey, hypothesis_id: str) -> dict[str, pd.DataFrame]:
    """Tables behind a finding by name; empty where it has none."""
    return open_run(key).run.evidence_tables(hypothesis_id)


def head(key: RunKey) -> tuple[AnyArray, AnyArray] | None:
    """Head weight (C, D) and bias (C,), or None where the network hides it."""
    run, lock = open_run(key)
    with lock:
        return run.head


def logit_histograms(key: RunKey) -> dict[str, AnyArray] | None:
    """``logit_histograms.npz``, or None."""
    run, lock = open_run(key)
    with lock:
        return run.logit_histograms


def neighbours(key: RunKey) -> tuple[AnyArray, AnyArray] | None:
    """Neighbour graph: index (N, k), cosine similarity (N, k); or None."""
    run, lock = open_run(key)
    with lock:
        return run.neighbours


def progress(run_id: str) -> dict[str, Any] | None:
    """``progress.json`` of a run that is computed: stage, done, total, rate, seconds_left, updated, state, pid."""
    try:
        return json.loads((run_path(run_id) / layout.PROGRESS).read_text("utf-8"))
    except (OSError, ValueError):
        return None
