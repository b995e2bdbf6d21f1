"""Reading a run directory: columns on demand, arrays memory-mapped; what is missing is None, never invented."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.errors import RunError
from analysis.runs import layout
from analysis.runs.evidence import evidence_samples, evidence_tables
from analysis.runs.mapped_arrays import mapped_arrays
from analysis.runs.reruns import Reruns
from analysis.runs.sample_table import SampleTable
from analysis.runs.thumbnail_packs import ThumbnailPacks


class Run:
    """One run directory: N samples, C classes, D embedding dimensions, K stored candidates a sample.

    Columns are kept after the first read while memory lasts (see `SampleTable`): take them as read-only.
    """

    def __init__(self, path: Path, meta: dict[str, Any]) -> None:
        self.path = path
        self.meta = meta

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a run directory.

        Raises:
            RunError: If the folder is missing, is no run, or was written by a later version.
        """
        file = path / layout.META
        if not path.is_dir():
            raise RunError(f"There is no run at {path}. Give the folder that `run --out` or `demo --out` wrote.")
        if not file.is_file():
            raise RunError(f"{path} holds no {layout.META}, so it is not a run, or its first stage has not ended yet.")
        try:
            meta = json.loads(file.read_text("utf-8"))
        except ValueError as error:
            raise RunError(
                f"{file} is not readable JSON ({error}); the run is damaged. Run the investigation again."
            ) from error
        found = meta.get("schema_version")
        if found != layout.SCHEMA_VERSION:
            raise RunError(
                f"{path} has schema version {found}; this version reads {layout.SCHEMA_VERSION}. Update Faultline, or "
                "run the investigation again."
            )
        return cls(path, meta)

    def __len__(self) -> int:
        return len(self._samples)

    @property
    def has_samples(self) -> bool:
        """False for a run that holds weights alone (what `inspect` judges), or whose inference has not finished."""
        return (self.path / layout.SAMPLES).is_file()

    @cached_property
    def _samples(self) -> SampleTable:
        file = self.path / layout.SAMPLES
        if not file.is_file():
            raise RunError(
                f"{self.path} has no {layout.SAMPLES}: its inference has not finished. Run it with --resume."
            )
        return SampleTable(file)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns of ``samples.parquet``, metadata included."""
        return self._samples.names

    @property
    def metadata_columns(self) -> tuple[str, ...]:
        """Names of the manifest's own columns."""
        return tuple(self.meta.get("metadata_columns", ()))

    @property
    def picture_columns(self) -> tuple[str, ...]:
        """Columns that tell how a picture looks; runs of earlier versions have fewer."""
        return tuple(name for name in layout.PICTURE_COLUMNS if name in self.columns)

    def column(self, name: str) -> AnyArray:
        """One column as an array of N values; nulls are NaN in floats, −1 in integers, False in booleans, None in text.

        Raises:
            KeyError: If there is no such column.
        """
        return self._samples.column(name)

    def arrow_column(self, name: str) -> pa.ChunkedArray:
        """One column of N values as it is stored, nulls included.

        Raises:
            KeyError: If there is no such column.
        """
        return self._samples.arrow(name)

    def first_rows(self, rows: int) -> pa.Table:
        """The first rows of ``samples.parquet``, all columns."""
        return self._samples.head(rows)

    def row(self, sample_id: int, columns: Sequence[str] | None = None) -> dict[str, Any]:
        """Values of one sample (default: all), nulls None, `topk_…` lists; reads no whole column.

        Raises:
            IndexError: If there is no such sample.
        """
        return self._samples.row(sample_id, columns)

    def table(self, columns: list[str] | None = None) -> pd.DataFrame:
        """Some columns (default: all) as a DataFrame of N rows in sample order."""
        return self._samples.frame(columns)

    @cached_property
    def _topk(self) -> tuple[IntArray, FloatArray]:
        return self._samples.topk()

    def topk(self) -> tuple[IntArray, FloatArray]:
        """Stored candidates, largest first: class index (N, K) int32 padded −1, logit (N, K) float32 −inf."""
        return self._topk

    def _frame(self, name: str) -> pd.DataFrame:
        file = self.path / name
        return pd.read_parquet(file) if file.is_file() else pd.DataFrame()

    @cached_property
    def classes(self) -> pd.DataFrame:
        """``classes.parquet``; empty while the reports are not there yet."""
        return self._frame(layout.CLASSES)

    @cached_property
    def confusions(self) -> pd.DataFrame:
        """``confusions.parquet``: label_index, prediction_index, count."""
        return self._frame(layout.CONFUSIONS)

    @cached_property
    def clusters(self) -> pd.DataFrame:
        """``clusters.parquet``; empty when there are none."""
        return self._frame(layout.CLUSTERS)

    @cached_property
    def cluster_facts(self) -> pd.DataFrame:
        """``cluster_facts.parquet``: what is over-represented in each cluster; empty when there are none."""
        return self._frame(layout.CLUSTER_FACTS)

    @cached_property
    def picture_slices(self) -> pd.DataFrame:
        """``picture_slices.parquet``: slices by how pictures look that one half suggested; empty without a search."""
        return self._frame(layout.PICTURE_SLICES)

    @cached_property
    def clustering(self) -> dict[str, Any]:
        """``clustering.json``: how the clusters were found; empty where it is not known."""
        file = self.path / layout.CLUSTERING
        return json.loads(file.read_text("utf-8")) if file.is_file() else {}

    def stability_of(self, cluster: IntArray) -> FloatArray | None:
        """(G,) 0..1 how surely each cluster is found again, NaN = not known; None where that is known of none.

        Groups by how pictures look come after the clusters of the embeddings and were not found again.

        Args:
            cluster: (N,) 0 … G − 1, −1 = in none.
        """
        known, groups = self.clustering.get("stability"), int(cluster.max(initial=-1)) + 1
        if known is None or len(known) > groups:
            return None
        found = np.full(groups, np.nan)
        found[: len(known)] = [np.nan if value is None else value for value in known]
        return found

    @cached_property
    def problems(self) -> pd.DataFrame:
        """``problems.parquet``: filepath, reason, label."""
        return self._frame(layout.PROBLEMS)

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Names of the head's outputs and the class list, in index order; see `layout.unnamed_output`."""
        return tuple(self.meta["class_names"])

    @cached_property
    def is_old(self) -> BoolArray | None:
        """(C,) True where the class was known before; None without an old/new split."""
        old = self.meta.get("is_old")
        return None if old is None else np.asarray(old, dtype=np.bool_)

    @property
    def outputs(self) -> int:
        """Number of the head's outputs."""
        return int(self.meta["outputs"])

    @cached_property
    def embeddings(self) -> FloatArray | None:
        """(N, D) float16, memory-mapped; None where the network hides its head's input."""
        file = self.path / layout.EMBEDDINGS
        return np.load(file, mmap_mode="r", allow_pickle=False) if file.is_file() else None

    @cached_property
    def head(self) -> tuple[FloatArray, FloatArray] | None:
        """Head weight (C, D) float32 and bias (C,) float32 (zeros where it has none); None where it is hidden."""
        arrays = self._arrays(layout.HEAD)
        return None if arrays is None else (arrays["weight"], arrays["bias"])

    @cached_property
    def neighbours(self) -> tuple[IntArray, FloatArray] | None:
        """Neighbour graph without self, nearest first, mapped: index (N, k) int32, cosine similarity (N, k) float32."""
        file = self.path / layout.NEIGHBOURS
        if not file.is_file():
            return None
        arrays = mapped_arrays(file)
        return arrays["index"], arrays["similarity"]

    @cached_property
    def trustworthiness(self) -> tuple[float, FloatArray, int] | None:
        """Of the map, 0..1: overall, of each sample (N,), NaN where it has no place; and among how many measured."""
        arrays = self._arrays(layout.TRUSTWORTHINESS)
        if arrays is None:
            return None
        return float(arrays["overall"]), arrays["of_sample"], int(arrays["references"])

    @cached_property
    def logit_histograms(self) -> dict[str, AnyArray] | None:
        """``logit_histograms.npz``."""
        return self._arrays(layout.LOGIT_HISTOGRAMS)

    def _arrays(self, name: str) -> dict[str, AnyArray] | None:
        file = self.path / name
        if not file.is_file():
            return None
        with np.load(file, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}

    def _table_or_none(self, name: str) -> pd.DataFrame | None:
        file = self.path / name
        return pd.read_parquet(file) if file.is_file() else None

    @cached_property
    def weights(self) -> pd.DataFrame | None:
        """``weights.parquet``: one row a tensor of the network; None where it was not written."""
        return self._table_or_none(layout.WEIGHTS)

    @cached_property
    def baseline(self) -> "Run | None":
        """The model before the expansion as a run of its own over the samples of its classes; None without one."""
        folder = self.path / layout.BASELINE
        return Run.open(folder) if (folder / layout.META).is_file() else None

    @cached_property
    def baseline_rows(self) -> IntArray:
        """(M,) int64: the `sample_id` in this run of every sample of `baseline`; empty where it was not streamed."""
        file = self.path / layout.BASELINE_ROWS
        return np.load(file, allow_pickle=False) if file.is_file() else np.zeros(0, dtype=np.int64)

    @cached_property
    def baseline_class(self) -> IntArray:
        """(C°,) int64: index in this run of every class of `baseline`, by name; −1 = no such name here."""
        if self.baseline is None:
            return np.zeros(0, dtype=np.int64)
        place = {name: index for index, name in enumerate(self.class_names)}
        return np.array([place.get(name, -1) for name in self.baseline.class_names], dtype=np.int64)

    @cached_property
    def reruns(self) -> Reruns | None:
        """The same pictures under another preprocessing or state of the network; None where nothing was re-run."""
        return Reruns.open(self.path)

    @cached_property
    def duplicates(self) -> pd.DataFrame | None:
        """Pairs of validation pictures that are the same: sample_id, other, kind (exact | near), similarity."""
        return self._table_or_none(layout.DUPLICATES)

    @cached_property
    def leaks(self) -> pd.DataFrame | None:
        """Validation pictures that are in the training set: sample_id, filepath, label, kind, similarity."""
        return self._table_or_none(layout.LEAKS)

    @cached_property
    def training_log(self) -> pd.DataFrame | None:
        """``training_log.parquet``, one row an epoch or step; None without a log."""
        return self._table_or_none(layout.TRAINING_LOG)

    @cached_property
    def findings(self) -> dict[str, Any] | None:
        """``findings.json``, or None before the diagnosis."""
        file = self.path / layout.FINDINGS
        return json.loads(file.read_text("utf-8")) if file.is_file() else None

    def evidence(self, hypothesis_id: str) -> pd.DataFrame | None:
        """Samples a finding points at: sample_id, score, …; None where it points at none."""
        return evidence_samples(self.path, hypothesis_id)

    def evidence_tables(self, hypothesis_id: str) -> dict[str, pd.DataFrame]:
        """Tables behind a finding by name, such as ``layers`` or ``sweep``; empty where it has none."""
        return evidence_tables(self.path, hypothesis_id)

    @cached_property
    def _thumbnails(self) -> ThumbnailPacks | None:
        return ThumbnailPacks.open(self.path)

    def thumbnail(self, sample_id: int) -> bytes | None:
        """The stored picture of one sample (JPEG, PNG, WebP or GIF), or None."""
        return None if self._thumbnails is None else self._thumbnails.picture(sample_id)
