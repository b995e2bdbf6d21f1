"""Pictures without labels: a folder of any shape, or a manifest that only names files."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.datasets.csv_rows import read_csv_rows
from analysis.datasets.dataset import Dataset
from analysis.datasets.image_folder import IMAGE_SUFFIXES, files_below, is_text
from analysis.datasets.manifest import FILEPATH_COLUMNS
from analysis.datasets.parquet_rows import is_parquet, read_parquet_rows
from analysis.errors import DatasetError


def read_unlabeled(path: Path, root: Path | None = None) -> Dataset:
    """List the pictures of a pool; no picture is opened, every label is empty.

    Args:
        path: A folder, whose pictures count however deep they lie, or a CSV or Parquet manifest with a column of paths.
        root: Where relative paths of a manifest start; None: its own folder.

    Raises:
        DatasetError: Nothing usable; the message says what was found and expected.
    """
    path = path.absolute()
    if path.is_dir():
        filepaths, base, confined = _of_folder(path), path, True
    elif path.exists():
        filepaths, base, confined = _of_manifest(path), (root or path.parent).absolute(), root is not None
    else:
        raise DatasetError(f"{str(path)!r} does not exist: expected a folder of pictures, or a manifest of paths.")
    if not filepaths:
        raise DatasetError(f"{str(path)!r} names no picture: expected files ending in {' '.join(IMAGE_SUFFIXES)}.")
    metadata = pd.DataFrame(index=range(len(filepaths)))
    return Dataset(
        filepaths=filepaths, labels=[""] * len(filepaths), metadata=metadata, root=base, confined=confined
    )  # fmt: skip


def _of_folder(path: Path) -> list[str]:
    found = [os.path.relpath(file, path).replace(os.sep, "/") for file in files_below(path)]
    return [
        name
        for name in found
        if is_text(name) and name.lower().endswith(IMAGE_SUFFIXES) and not os.path.basename(name).startswith(".")
    ]


def _of_manifest(path: Path) -> list[str]:
    rows, _ = read_parquet_rows(path) if is_parquet(path) else read_csv_rows(path)
    by_name = {str(column).strip().casefold(): column for column in reversed(list(rows.columns))}
    column = next((by_name[alias] for alias in FILEPATH_COLUMNS if alias in by_name), None)
    if column is None:
        also = ", ".join(FILEPATH_COLUMNS[1:])
        raise DatasetError(
            f"{str(path)!r} lacks the column {FILEPATH_COLUMNS[0]!r} (also known as {also}). "
            f"Columns found: {', '.join(repr(str(name)) for name in list(rows.columns)[:20])}."
        )
    named = rows[column].to_numpy(dtype=object)
    usable = np.array([isinstance(value, str) and bool(value.strip()) for value in named], dtype=np.bool_)
    return [str(value) for value in named[usable]]
