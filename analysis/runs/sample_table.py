"""``samples.parquet`` for reading: whole columns kept in memory up to a limit, single rows without their column."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.arrays import AnyArray, FloatArray, IntArray

HELD = 256 * 2**20  # bytes of columns kept; what was asked for longest ago goes first
_BATCH = 4096  # rows decoded at a time on the way to a single one
_REPEATING = 0.5  # different texts a row, below which texts are stored once


class SampleTable:
    """N rows in sample order, at most `HELD` bytes of their columns in memory."""

    def __init__(self, file: Path) -> None:
        self._path = file
        self._file = pq.ParquetFile(file, memory_map=True, pre_buffer=False)
        self._kept: OrderedDict[str, AnyArray] = OrderedDict()

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self._file.schema_arrow.names)

    def column(self, name: str) -> AnyArray:
        """See `Run.column`."""
        if name not in self._kept:
            self._kept[name] = _to_numpy(self.arrow(name))
            while len(self._kept) > 1 and sum(values.nbytes for values in self._kept.values()) > HELD:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return self._kept[name]

    def arrow(self, name: str) -> pa.ChunkedArray:
        """One column as it is stored, nulls included; read anew.

        Raises:
            KeyError: If there is no such column.
        """
        if name not in self.names:
            raise KeyError(f"{name!r} is no column of {self._path}")
        return self._file.read([name]).column(0)

    def head(self, rows: int) -> pa.Table:
        """The first rows, all columns."""
        batch = next(self._file.iter_batches(batch_size=max(1, rows)), None)
        return self._file.schema_arrow.empty_table() if batch is None else pa.Table.from_batches([batch])

    def frame(self, columns: Sequence[str] | None) -> pd.DataFrame:
        """Some columns (None: all) as a frame."""
        found: pd.DataFrame = self._file.read(None if columns is None else list(columns)).to_pandas()
        return found

    def row(self, number: int, names: Sequence[str] | None = None) -> dict[str, Any]:
        """Some values (None: all) of one row, nulls None and lists lists; its row group is read up to it.

        Raises:
            IndexError: If there is no such row.
        """
        for group in range(self._file.num_row_groups if number >= 0 else 0):
            rows = self._file.metadata.row_group(group).num_rows
            if number < rows:
                return self._row_of_group(group, number, None if names is None else list(names))
            number -= rows
        raise IndexError(f"{self._path} has {len(self)} rows")

    def _row_of_group(self, group: int, number: int, names: list[str] | None) -> dict[str, Any]:
        """In small batches: a group's lists of candidates, decoded at once, would take a hundred megabytes."""
        for batch in self._file.iter_batches(_BATCH, row_groups=[group], columns=names, use_threads=False):
            if number < len(batch):
                return batch.slice(number, 1).to_pylist()[0]  # type: ignore[no-any-return]
            number -= len(batch)
        raise IndexError(f"row group {group} of {self._path} is shorter than it says")

    def topk(self) -> tuple[IntArray, FloatArray]:
        """See `Run.topk`."""
        table = self._file.read(["topk_index", "topk_logit"])
        index = _pad(table.column(0), -1, np.int32)
        return index, _pad(table.column(1), -np.inf, np.float32)


def _to_numpy(column: pa.ChunkedArray) -> AnyArray:
    kind = column.type
    if pa.types.is_floating(kind):
        return np.asarray(column.to_numpy(zero_copy_only=False))
    if pa.types.is_integer(kind):
        return np.asarray(pc.fill_null(column, pa.scalar(-1, kind)).to_numpy(zero_copy_only=False))
    if pa.types.is_boolean(kind):
        return np.asarray(pc.fill_null(column, pa.scalar(False)).to_numpy(zero_copy_only=False), dtype=np.bool_)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _texts(column)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)


def _texts(column: pa.ChunkedArray) -> AnyArray:
    """Texts that repeat, such as labels, are one object each: 8 bytes a row instead of about 80."""
    coded = column.dictionary_encode().combine_chunks()
    if len(coded.dictionary) >= _REPEATING * len(column):
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)
    values = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
    return np.asarray(values[pc.fill_null(coded.indices, len(values) - 1).to_numpy(zero_copy_only=False)])


def _pad(column: pa.ChunkedArray, fill: float, dtype: type[np.number[Any]]) -> AnyArray:
    lists = column.combine_chunks()
    offsets = np.asarray(lists.offsets)
    lengths = np.diff(offsets)
    width = int(lengths.max(initial=0))
    padded = np.full((len(lengths), width), fill, dtype=dtype)
    values = np.asarray(lists.values).astype(dtype, copy=False)[offsets[0] : offsets[-1]]
    padded[np.arange(width) < lengths[:, None]] = values
    return padded
