"""What can be taken out of a run as a table, read batch by batch."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.arrays import IntArray
from analysis.errors import RunError
from analysis.exports.chosen import EVERYTHING, Chosen
from analysis.exports.datalab import datalab_batches
from analysis.exports.sample_rows import BATCH, rows_of, sample_batches
from analysis.runs import layout
from analysis.runs.run import Run

_FINDING_FIELDS = (
    "id", "title", "chapter", "verdict", "rank", "lane", "gain", "gain_low", "gain_high", "gain_kind",
    "accuracy_if_fixed", "explained_by", "summary", "fix",
)  # fmt: skip
_FINDING_NUMBERS = ("gain", "gain_low", "gain_high", "accuracy_if_fixed", "seconds")
_LABEL_ISSUES = "label_errors"  # the hypothesis whose evidence lists them


def tables(run: Run, what: str, chosen: Chosen = EVERYTHING) -> Iterator[pa.Table]:
    """The batches of one table; at least one, so that an empty table still has its columns.

    Args:
        run: The run.
        what: One of `TABLES`.
        chosen: Which samples; goes with `OF_SAMPLES` alone.

    Raises:
        RunError: If there is no such table, cluster, finding or sample, or the run has not got that far; before the
            first batch.
    """
    if what not in TABLES:
        raise RunError(f"There is no table {what!r} to export; there are {', '.join(TABLES)}.")
    if what in OF_SAMPLES:
        return OF_SAMPLES[what](run, chosen.samples(run))
    if not chosen.is_everything:
        raise RunError(
            "--cluster, --finding, --ids and --where choose samples, so they go with "
            f"{', '.join(f'`{name}`' for name in OF_SAMPLES)}, not with {what!r}."
        )
    return _OF_RUN[what](run)


def _batches(run: Run, name: str, absent: str) -> Iterator[pa.Table]:
    file = run.path / name
    if not file.is_file():
        raise RunError(f"{run.path} has no {name}: {absent}")
    return parquet_batches(file)


def parquet_batches(file: Path) -> Iterator[pa.Table]:
    """The rows of a Parquet file; at least one batch, so that an empty table still has its columns."""
    with pq.ParquetFile(file) as stored:
        if stored.metadata.num_rows == 0:
            yield stored.schema_arrow.empty_table()
        for batch in stored.iter_batches(BATCH):
            yield pa.Table.from_batches([batch])


def _classes(run: Run) -> Iterator[pa.Table]:
    return _batches(run, layout.CLASSES, "its reports have not been made yet. Run it with --resume.")


def _clusters(run: Run) -> Iterator[pa.Table]:
    return _batches(run, layout.CLUSTERS, "clustering was skipped, needs embeddings, or has not finished.")


def _problems(run: Run) -> Iterator[pa.Table]:
    return _batches(run, layout.PROBLEMS, "its inference has not finished. Run it with --resume.")


def _confusions(run: Run) -> Iterator[pa.Table]:
    """The sparse pairs with both names beside their indices."""
    batches = _batches(run, layout.CONFUSIONS, "its inference has not finished. Run it with --resume.")
    names = pa.array(run.class_names, pa.string())

    def named(batch: pa.Table) -> pa.Table:
        for side in ("label", "prediction"):
            batch = batch.append_column(side, names.take(batch[f"{side}_index"].combine_chunks()))
        return batch

    return map(named, batches)


def _label_issues(run: Run) -> Iterator[pa.Table]:
    """Samples whose label is likely wrong, worst first, with what the checklist knows of each."""
    columns = [name for name in run.columns if not name.startswith("topk_")]
    evidence = run.evidence(_LABEL_ISSUES)
    if evidence is None:
        quality = np.nan_to_num(run.column("label_quality"), nan=np.inf)
        chosen = np.flatnonzero(run.column("label_issue"))
        chosen = chosen[np.argsort(quality[chosen], kind="stable")]
        return iter([rows_of(run, columns, chosen)])
    found = rows_of(run, columns, evidence["sample_id"].to_numpy())
    for name in [name for name in evidence.columns if name not in columns]:
        found = found.append_column(name, pa.array(evidence[name], from_pandas=True))
    return iter([found])


def _duplicates(run: Run) -> Iterator[pa.Table]:
    """Pairs of validation pictures that are the same, with path and label of both."""
    pairs = run.duplicates
    if pairs is None:
        raise RunError(
            f"{run.path} has no {layout.DUPLICATES}: the search for copies was skipped, or is still to come."
        )
    table = pa.Table.from_pandas(pairs, preserve_index=False)
    for side, prefix in (("sample_id", ""), ("other", "other_")):
        of_side = rows_of(run, ["filepath", "label", "correct"], pairs[side].to_numpy())
        for name in of_side.column_names:
            table = table.append_column(f"{prefix}{name}", of_side[name])
    return iter([table])


def _leaks(run: Run) -> Iterator[pa.Table]:
    """Pairs of a validation and a training picture that are the same, with path and label of both."""
    pairs = run.leaks
    if pairs is None:
        raise RunError(
            f"{run.path} has no {layout.LEAKS}: the investigation names no training set, its pictures cannot be read, "
            "or the search for copies was skipped."
        )
    table = pa.Table.from_pandas(
        pairs.rename(columns={"filepath": "train_filepath", "label": "train_label"}), preserve_index=False
    )
    of_samples = rows_of(run, ["filepath", "label", "correct"], pairs["sample_id"].to_numpy())
    for name in of_samples.column_names:
        table = table.append_column(name, of_samples[name])
    return iter([table])


def _findings(run: Run) -> Iterator[pa.Table]:
    """One row a hypothesis; its evidence in one cell."""
    if run.findings is None:
        raise RunError(f"{run.path} has no {layout.FINDINGS}: its diagnosis has not finished. Run it with --resume.")
    rows = [_finding(finding) for finding in run.findings["findings"]]
    names = [*_FINDING_FIELDS, "evidence", "needs", "seconds"]
    types = {"rank": pa.int64(), **dict.fromkeys(_FINDING_NUMBERS, pa.float64())}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in names])
    return iter([pa.Table.from_pylist(rows, schema=schema)])


def _finding(finding: dict[str, Any]) -> dict[str, Any]:
    row = {name: finding.get(name) for name in (*_FINDING_FIELDS, "seconds")}
    row["evidence"] = "; ".join(evidence_text(item) for item in finding.get("evidence", []))
    row["needs"] = "; ".join(finding.get("needs", []))
    return row


def evidence_text(item: dict[str, Any]) -> str:
    """One piece of evidence in words: name, value, unit (fractions as %), threshold, number of samples."""
    unit = item.get("unit") or ""
    text = f"{item['name']}: {_number(item.get('value'), unit)}"
    if unit not in ("", "fraction", "count", "p"):
        text += f" {unit}"
    if item.get("threshold") is not None:
        text += f" (threshold {_number(item['threshold'], unit)})"
    return text + (f", n = {item['n']:,}" if item.get("n") is not None else "")


def _number(value: object, unit: str) -> str:
    if not isinstance(value, int | float):
        return "unknown"
    return f"{100 * value:.3g} %" if unit == "fraction" else f"{value:.4g}"


OF_SAMPLES: dict[str, Callable[[Run, IntArray | None], Iterator[pa.Table]]] = {
    "samples": sample_batches,
    "datalab": datalab_batches,
}
_OF_RUN: dict[str, Callable[[Run], Iterator[pa.Table]]] = {
    "classes": _classes,
    "confusions": _confusions,
    "clusters": _clusters,
    "label-issues": _label_issues,
    "duplicates": _duplicates,
    "leaks": _leaks,
    "problems": _problems,
    "findings": _findings,
}
TABLES = (*OF_SAMPLES, *_OF_RUN)
