"""A CSV or Parquet list of file paths and labels becomes a dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.datasets.csv_rows import numbers_where_possible, read_csv_rows
from analysis.datasets.dataset import Dataset, Problem, Subset
from analysis.datasets.parquet_rows import is_parquet, read_parquet_rows
from analysis.errors import DatasetError

FILEPATH_COLUMNS = ("filepath", "file_name", "path", "image")
LABEL_COLUMNS = ("label", "ground_truth", "target", "class")
SPLIT_COLUMN = "split"
SPLIT_NAMES: dict[Subset, tuple[frozenset[str], ...]] = {
    "validation": (frozenset({"val", "valid", "validation", "dev", "eval"}), frozenset({"test", "testing"})),
    "training": (frozenset({"train", "training"}),),
}
"""Names of a split, the preferred set first."""


def read_manifest(path: Path, root: Path | None, *, subset: Subset = "validation") -> Dataset:
    """Read a manifest.

    Args:
        path: CSV (UTF-8, comma) or Parquet file.
        root: Where relative file paths start; None: the manifest's own folder.
        subset: Which rows to keep where a `split` column names several sets.

    Raises:
        DatasetError: The file cannot be read, lacks a column, is empty or broken.
    """
    rows, problems = read_parquet_rows(path) if is_parquet(path) else read_csv_rows(path)
    notices: list[str] = []
    rows, split_notices = _rows_of_split(rows, subset)
    filepath_column = _find_column(rows, FILEPATH_COLUMNS, path, notices)
    label_column = _find_column(rows, LABEL_COLUMNS, path, notices)
    filepaths = _texts(rows[filepath_column])
    labels = _texts(rows[label_column])
    usable = ((filepaths != "") & (labels != "")).to_numpy()
    problems = [*problems, *_incomplete_rows(filepaths, labels, np.flatnonzero(~usable))]
    if not usable.any():
        first = "; ".join(f"{problem.filepath or 'a row'}: {problem.reason}" for problem in problems[:3])
        raise DatasetError(f"{str(path)!r} holds no usable row. " + (first or "It has a header and nothing below it."))
    metadata = rows.loc[usable].drop(columns=[filepath_column, label_column]).reset_index(drop=True)
    return Dataset(
        filepaths=filepaths[usable].tolist(),
        labels=labels[usable].tolist(),
        metadata=numbers_where_possible(metadata),
        root=(root or path.parent).absolute(),
        confined=root is not None,
        notices=(*notices, *split_notices),
        problems=tuple(problems),
    )


def _find_column(rows: pd.DataFrame, aliases: Sequence[str], path: Path, notices: list[str]) -> str:
    by_name = {str(column).strip().casefold(): str(column) for column in reversed(rows.columns)}
    found = [by_name[alias] for alias in aliases if alias in by_name]
    if not found:
        raise DatasetError(
            f"{str(path)!r} lacks the column {aliases[0]!r} (also known as {', '.join(aliases[1:])}). "
            f"Columns found: {', '.join(repr(str(column)) for column in rows.columns[:20])}."
        )
    if len(found) > 1:
        notices.append(f"several columns could be the {aliases[0]}; {found[0]!r} is used, {found[1:]} stay as metadata")
    return found[0]


def _rows_of_split(rows: pd.DataFrame, subset: Subset) -> tuple[pd.DataFrame, list[str]]:
    if SPLIT_COLUMN not in rows.columns:
        return rows, []
    values = _texts(rows[SPLIT_COLUMN]).str.strip().str.casefold()
    for names in SPLIT_NAMES[subset]:
        chosen = values.isin(names).to_numpy()
        if chosen.any() and not chosen.all():
            used = ", ".join(sorted(set(values[chosen])))
            kept = rows.loc[chosen].reset_index(drop=True)
            return kept, [f"only the {len(kept):,} of {len(rows):,} rows whose split is {used} are used"]
        if chosen.any():
            break
    return rows, []


def _incomplete_rows(filepaths: "pd.Series[str]", labels: "pd.Series[str]", where: np.ndarray) -> list[Problem]:
    return [
        Problem(
            filepath=filepaths.iloc[row],
            reason="the row has no label" if filepaths.iloc[row] else "the row has no file path",
        )
        for row in where
    ]


def _texts(column: "pd.Series[Any]") -> "pd.Series[str]":
    """A column as text: nothing for null, no decimal point for a whole number."""
    missing = column.isna().to_numpy()
    values = column.astype(object).tolist()
    texts = ["" if absent else _text(value) for value, absent in zip(values, missing, strict=True)]
    return pd.Series(texts, dtype=object)


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
