"""Tables that the app makes itself, on their way out as CSV."""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from analysis.exports.csv_text import csv_bytes
from analysis.exports.tables import BATCH
from app.queries import slices
from app.queries.runs import RunKey


def csv_of(table: pd.DataFrame) -> Iterator[bytes]:
    """A table as CSV in pieces, safe for spreadsheets; an empty one has its header."""
    for start in range(0, max(1, len(table)), BATCH):
        piece = pa.Table.from_pandas(table.iloc[start : start + BATCH], preserve_index=False)
        yield csv_bytes(piece, header=start == 0)


def slices_csv(key: RunKey) -> Iterator[bytes]:
    """The ranking of slices, found and saved ones.

    Raises:
        StoreError: If own slices cannot be read.
    """
    return csv_of(slices.table(key))
