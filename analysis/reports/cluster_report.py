"""Clusters as tables: ``clusters.parquet`` and ``cluster_facts.parquet`` of any assignment of samples to clusters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.reports.cluster_excess import excess_errors
from analysis.reports.cluster_names import cluster_names
from analysis.reports.metadata_columns import levels_of
from analysis.reports.over_represented import LEAST_COUNT, Column, class_column, over_represented
from analysis.runs.layout import CLUSTER_COLUMNS, CLUSTER_EXTRA_COLUMNS
from analysis.runs.run import Run

_AT_ONCE = 50  # metadata columns in memory as the file has them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """What clusters are judged by; N samples, C classes.

    Attributes:
        label, prediction: (N,) class index; the prediction −1 where there is none.
        correct: (N,) of that prediction. correct_as_is: (N,) before any repair.
        class_names: (C,).
        is_old: (C,) True where the class was known before; None without a split.
        duplicates: (M, 2) sample ids of pictures that are the same or nearly; None where they were not searched.
    """

    label: IntArray
    prediction: IntArray
    correct: BoolArray
    correct_as_is: BoolArray
    class_names: Sequence[str]
    is_old: BoolArray | None
    duplicates: IntArray | None

    @classmethod
    def of(cls, run: Run, prediction: IntArray | None = None, correct: BoolArray | None = None) -> "Judged":
        """The samples of a run, judged after the supported repairs where there are some.

        Args:
            run: The run.
            prediction: (N,) after the repairs; default: as the last diagnosis wrote it.
            correct: (N,) of that.
        """
        as_is: BoolArray = run.column("correct")
        if prediction is None or correct is None:
            prediction, correct = run.column("prediction_repaired_index"), run.column("correct_repaired")
            if not (prediction >= 0).any():
                prediction, correct = run.column("prediction_index"), as_is
        pairs = None if run.duplicates is None else run.duplicates[["sample_id", "other"]].to_numpy(dtype=np.int64)
        return cls(
            label=run.column("label_index"),
            prediction=prediction,
            correct=correct,
            correct_as_is=as_is,
            class_names=run.class_names,
            is_old=run.is_old,
            duplicates=pairs,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterReport:
    """`table`: one row a cluster, worst first; `facts`: one row a value that is over-represented in one."""

    table: pd.DataFrame
    facts: pd.DataFrame


def describing_columns(run: Run, judged: Judged) -> list[Column]:
    """Everything that may tell what the samples of a cluster share."""
    columns = [
        class_column("label", judged.label, judged.class_names),
        class_column("prediction", judged.prediction, judged.class_names),
    ]
    kinds = dict.fromkeys(run.picture_columns, "picture") | dict.fromkeys(run.metadata_columns, "metadata")
    names = list(kinds)
    for start in range(0, len(names), _AT_ONCE):
        found, _ = levels_of(run.table(names[start : start + _AT_ONCE]), least=LEAST_COUNT)
        columns += [Column(kind=kinds[levels.name], levels=levels) for levels in found]
    return columns


def cluster_report(
    cluster: IntArray, judged: Judged, columns: Sequence[Column], stability: FloatArray | None = None
) -> ClusterReport:
    """Describe every cluster.

    `duplicate_share`: members of which a copy or near copy is in the cluster too, 0..1, null where copies were not
    searched. `old_share`: members whose label is an old class, null without a split. `errors_as_is`: before any repair.

    Args:
        cluster: (N,) 0 … G − 1, −1 = in none; numbers may be missing.
        judged: What they are judged by.
        columns: What may be over-represented.
        stability: (G,) 0..1, NaN = not known.
    """
    table = excess_errors(cluster, judged.label, judged.prediction, judged.correct)
    facts = over_represented(cluster, columns)
    number = table["cluster"].to_numpy(dtype=np.int64)
    groups = int(cluster.max(initial=-1)) + 1
    names = cluster_names(cluster, judged.label, judged.prediction, judged.class_names, facts)
    table["name"] = [names[i] for i in number]
    table["top_label"] = _named(table["top_label_index"].to_numpy(), judged.class_names)
    table["top_prediction"] = _named(table["top_prediction_index"].to_numpy(), judged.class_names)
    size = np.maximum(1, table["size"].to_numpy(dtype=np.int64))
    table["errors_as_is"] = _count(cluster, ~judged.correct_as_is, groups)[number]
    table["stability"] = np.full(len(table), np.nan) if stability is None else stability[number]
    copied, old = _copied(cluster, judged.duplicates), _is_old(judged)
    table["duplicate_share"] = np.nan if copied is None else _count(cluster, copied, groups)[number] / size
    table["old_share"] = np.nan if old is None else _count(cluster, old, groups)[number] / size
    return ClusterReport(table=table[[*CLUSTER_COLUMNS, *CLUSTER_EXTRA_COLUMNS]], facts=facts)


def _named(index: AnyArray, class_names: Sequence[str]) -> list[str]:
    return [class_names[i] if 0 <= i < len(class_names) else "" for i in index]


def _count(cluster: IntArray, marked: BoolArray, groups: int) -> IntArray:
    return np.bincount(cluster[(cluster >= 0) & marked], minlength=groups)


def _copied(cluster: IntArray, duplicates: IntArray | None) -> BoolArray | None:
    """(N,) a copy or near copy of the sample is in the same cluster."""
    if duplicates is None:
        return None
    known = duplicates[((duplicates >= 0) & (duplicates < len(cluster))).all(axis=1)]
    together = known[cluster[known[:, 0]] == cluster[known[:, 1]]]
    found = np.zeros(len(cluster), dtype=np.bool_)
    found[together.ravel()] = True
    return found


def _is_old(judged: Judged) -> BoolArray | None:
    if judged.is_old is None:
        return None
    known = (judged.label >= 0) & (judged.label < len(judged.is_old))
    return np.asarray(known & judged.is_old[np.clip(judged.label, 0, len(judged.is_old) - 1)])
