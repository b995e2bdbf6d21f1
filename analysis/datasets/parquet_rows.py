"""The rows of a Parquet manifest."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.datasets.dataset import Problem
from analysis.errors import DatasetError

MAGIC = b"PAR1"
SUFFIXES = (".parquet", ".pq")


def is_parquet(path: Path) -> bool:
    """Tell a Parquet file by its name, or by its first bytes where the name says nothing."""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def read_parquet_rows(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the plain columns of a Parquet file; lists and structs are left out.

    Args:
        path: Parquet file with a column of file paths and one of labels.

    Returns:
        The rows, whole-number labels as text without a decimal point, and no problems.

    Raises:
        DatasetError: Unreadable, truncated or empty.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        first_line = str(error).splitlines()[0]
        raise DatasetError(f"{str(path)!r} cannot be read as Parquet: {first_line}") from error
    plain = [field.name for field in table.schema if not pa.types.is_nested(field.type)]
    twice = sorted({name for name in plain if plain.count(name) > 1})
    if twice:
        raise DatasetError(f"{str(path)!r} has columns of the same name: {', '.join(map(repr, twice))}. Rename them.")
    if not table.num_rows:
        raise DatasetError(f"{str(path)!r} is empty: expected one row a sample.")
    rows = pd.DataFrame({name: _column(table.column(name)) for name in plain})
    return rows, []


def _column(values: "pa.ChunkedArray") -> "pd.Series[Any]":
    if pa.types.is_dictionary(values.type):
        values = (
            values.combine_chunks().dictionary_decode()
            if values.num_chunks == 1
            else values.cast(values.type.value_type)
        )
    if pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
        texts = [None if value is None else value.decode("utf-8", "backslashreplace") for value in values.to_pylist()]
        return pd.Series(texts, dtype=object)
    if pa.types.is_integer(values.type) and values.null_count:
        return pd.Series(values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get), dtype="Int64")
    series: pd.Series[Any] = values.to_pandas()
    return series
