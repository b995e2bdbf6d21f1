"""Filling in the columns of ``samples.parquet`` that are known only after inference."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.arrays import AnyArray
from analysis.runs import layout
from analysis.runs.atomic import replacing


def replace_columns(run: Path, columns: Mapping[str, AnyArray]) -> None:
    """Replace whole columns of ``samples.parquet``, row group by row group.

    Args:
        run: The run directory.
        columns: N values each, in sample order; NaN in a float column becomes null.

    Raises:
        ValueError: If a column does not exist or has another length than the table.
    """
    file = run / layout.SAMPLES
    source = pq.ParquetFile(file)
    rows = source.metadata.num_rows
    for name, values in columns.items():
        if name not in source.schema_arrow.names or len(values) != rows:
            raise ValueError(f"{name!r} with {len(values)} values does not fit {file} with {rows} rows")
    with replacing(file) as target, pq.ParquetWriter(target, source.schema_arrow, compression="zstd") as writer:
        start = 0
        for group in range(source.num_row_groups):
            table = source.read_row_group(group)
            stop = start + table.num_rows
            for name, values in columns.items():
                place = table.schema.get_field_index(name)
                field = table.schema.field(place)
                table = table.set_column(place, field, pa.array(values[start:stop], type=field.type, from_pandas=True))
            writer.write_table(table)
            start = stop
