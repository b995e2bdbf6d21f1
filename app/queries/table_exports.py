"""Tables that the app makes itself, on their way out as CSV."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.exports.csv_text import csv_bytes
from analysis.exports.tables import BATCH
from app.queries import filters, passing, runs, slices
from app.queries.passing import Filter
from app.queries.runs import RunKey


def csv_of(table: pd.DataFrame) -> Iterator[bytes]:
    """A table as CSV in pieces, safe for spreadsheets; an empty one has its header."""
    for start in range(0, max(1, len(table)), BATCH):
        piece = pa.Table.from_pandas(table.iloc[start : start + BATCH], preserve_index=False)
        yield csv_bytes(piece, header=start == 0)


def classes_csv(key: RunKey, where: str) -> Iterator[bytes]:
    """``classes.parquet``, counted over the samples that pass a filter expression.

    Raises:
        ExpressionError: If it cannot be read or does not fit the run's columns.
    """
    return csv_of(passing.classes(key, _filter(key, where)))


def confusions_csv(key: RunKey, where: str) -> Iterator[bytes]:
    """The pairs of label and prediction, with names and counts, among the samples that pass a filter expression.

    Raises:
        ExpressionError: If it cannot be read or does not fit the run's columns.
    """
    pairs = passing.confusions(key, _filter(key, where))
    names = np.asarray(runs.class_names(key), dtype=object)
    return csv_of(pairs.assign(**{side: names[pairs[f"{side}_index"]] for side in ("label", "prediction")}))


def _filter(key: RunKey, where: str) -> Filter:
    found = filters.answer(key, where)
    if found.error is not None:
        raise found.error
    return Filter(where, filters.depends_on(key, where))


def slices_csv(key: RunKey) -> Iterator[bytes]:
    """The ranking of slices, found and saved ones.

    Raises:
        StoreError: If own slices cannot be read.
    """
    return csv_of(slices.table(key))
