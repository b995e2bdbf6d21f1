"""Rows of ``samples.parquet`` batch by batch, without ever holding the others."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.arrays import IntArray
from analysis.errors import RunError
from analysis.runs import layout
from analysis.runs.run import Run

BATCH = 8192


def sample_batches(run: Run, ids: IntArray | None, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The rows of some samples, in sample order; at least one batch, so that an empty answer still has its columns.

    Args:
        run: N samples; row number = sample_id.
        ids: Ascending and unique; None for every sample.
        columns: Names, None for all.

    Raises:
        RunError: If inference has not finished; before the first batch.
    """
    file = run.path / layout.SAMPLES
    if not file.is_file():
        raise RunError(f"{run.path} has no {layout.SAMPLES}: its inference has not finished. Run it with --resume.")

    def read() -> Iterator[pa.Table]:
        names = None if columns is None else list(columns)
        is_empty = True
        with pq.ParquetFile(file) as stored:
            schema = stored.schema_arrow if names is None else pa.schema([stored.schema_arrow.field(n) for n in names])
            start = 0
            for group in range(stored.metadata.num_row_groups):
                stop = start + stored.metadata.row_group(group).num_rows
                if ids is None or np.searchsorted(ids, start) < np.searchsorted(ids, stop):
                    for batch in _of_group(stored, group, start, ids, names):
                        is_empty = False
                        yield batch
                start = stop
            if is_empty:
                yield schema.empty_table()

    return read()


def rows_of(run: Run, columns: Sequence[str], sample_ids: IntArray) -> pa.Table:
    """These samples in this order, an id as often as it is named."""
    found = pa.concat_tables(sample_batches(run, np.unique(sample_ids), ["sample_id", *columns]))
    places = np.searchsorted(found["sample_id"].to_numpy(), sample_ids)
    return found.take(pa.array(places, pa.int64())).select(list(columns))


def _of_group(
    stored: pq.ParquetFile, group: int, start: int, ids: IntArray | None, names: list[str] | None
) -> Iterator[pa.Table]:
    for batch in stored.iter_batches(BATCH, row_groups=[group], columns=names):
        table = pa.Table.from_batches([batch])
        stop = start + len(table)
        if ids is not None:
            inside = ids[np.searchsorted(ids, start) : np.searchsorted(ids, stop)]
            table = table.take(pa.array(inside - start, pa.int64()))
        if len(table):
            yield table
        start = stop
