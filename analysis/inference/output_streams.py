"""The big files of a run, written shard by shard and put in place when they are whole."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.arrays import AnyArray, IntArray
from analysis.inference.sample_table import SampleTable
from analysis.runs import layout
from analysis.runs.atomic import replacing, write_array
from analysis.runs.thumbnail_packs import pack_file

ROWS_OF_A_GROUP = 65_536
BYTES_OF_A_PACK = 64 << 20

Failure = type[BaseException] | None


class SampleStream:
    """``samples.parquet``, in row groups of about 65,536."""

    def __init__(self, run: Path, table: SampleTable) -> None:
        self._path = run / layout.SAMPLES
        self._table = table
        self._waiting: list[pa.Table] = []
        self._stack = ExitStack()
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        file = self._stack.enter_context(replacing(self._path))
        schema = self._table.schema
        repeating = [field.name for field in schema if pa.types.is_string(field.type) and field.name != "filepath"]
        writer = pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=repeating)
        self._writer = self._stack.enter_context(writer)
        return self

    def __exit__(self, kind: Failure, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._flush()
        self._stack.__exit__(kind, error, trace)

    def write(self, shard: Mapping[str, AnyArray], first_id: int) -> None:
        """Append one shard."""
        self._waiting.append(self._table.rows(shard, first_id))
        if sum(len(rows) for rows in self._waiting) >= ROWS_OF_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._waiting and self._writer is not None:
            rows = pa.concat_tables(self._waiting)
            self._writer.write_table(rows, row_group_size=len(rows) or None)
            self._waiting = []


class EmbeddingStream:
    """``embeddings.npy``, (N, D) float16; not written where the shards hold no embeddings."""

    def __init__(self, run: Path, samples: int) -> None:
        self._path = run / layout.EMBEDDINGS
        self._samples = samples
        self.dims: int | None = None
        self._stack = ExitStack()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Failure, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, trace)

    def write(self, shard: Mapping[str, AnyArray]) -> None:
        """Append one shard."""
        if "embedding" not in shard:
            return
        rows = np.ascontiguousarray(shard["embedding"])
        if self._file is None:
            self._file = self._stack.enter_context(replacing(self._path))
            self.dims = rows.shape[1]
            shape = (self._samples, self.dims)
            header = {"descr": np.lib.format.dtype_to_descr(rows.dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(self._file, header)
        self._file.write(rows.data)


class ThumbnailStream:
    """Packs of small picture files, and an index of pack, offset and length (N, 3)."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._pack: list[AnyArray] = []
        self._size, self._number = 0, 0
        self._index: list[IntArray] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Failure, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None or not (self._size or self._number):
            return
        self._flush()
        index = np.concatenate(self._index) if self._index else np.empty((0, 3), dtype=np.int64)
        write_array(self._run / layout.THUMBNAIL_INDEX, index)

    def write(self, shard: Mapping[str, AnyArray]) -> None:
        """Append one shard."""
        lengths = shard["thumbnail_length"]
        offsets = self._size + np.cumsum(lengths) - lengths
        self._index.append(np.stack([np.full_like(lengths, self._number), offsets, lengths], axis=1))
        self._pack.append(shard["thumbnail"])
        self._size += len(shard["thumbnail"])
        if self._size >= BYTES_OF_A_PACK:
            self._flush()

    def _flush(self) -> None:
        if not self._size:
            return
        with replacing(pack_file(self._run, self._number)) as file:
            for data in self._pack:
                file.write(data.data)
        self._pack, self._size, self._number = [], 0, self._number + 1
