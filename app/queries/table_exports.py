"""Tables that the app makes itself, on their way out as CSV."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.exports.csv_text import csv_bytes
from analysis.exports.tables import BATCH
from app.queries import classes, filters, passing, runs, slices
from app.queries.passing import EVERY, Filter
from app.queries.runs import RunKey

CHOOSING = frozenset({"search", "group", "sort", "reverse", "empty"})  # of the table of classes


def csv_of(table: pd.DataFrame) -> Iterator[bytes]:
    """A table as CSV in pieces, safe for spreadsheets; an empty one has its header."""
    for start in range(0, max(1, len(table)), BATCH):
        piece = pa.Table.from_pandas(table.iloc[start : start + BATCH], preserve_index=False)
        yield csv_bytes(piece, header=start == 0)


def classes_csv(key: RunKey, params: Mapping[str, str]) -> Iterator[bytes]:
    """``classes.parquet``, counted over the samples that pass the filter expression `where`.

    With one of `CHOOSING`, only the classes that the table of the page lists for them, in its order and with all its
    columns (see `classes.from_link`).

    Raises:
        ExpressionError: If the expression cannot be read or does not fit the run's columns.
        RunError: If there is no such group or order.
    """
    where = _filter(key, params.get("where", "").strip())
    if not CHOOSING & set(params):
        return csv_of(passing.classes(key, where))
    filters = classes.from_link(params, where)
    return csv_of(classes.table(key, where).iloc[classes.ordered(key, filters)])


def confusions_csv(key: RunKey, params: Mapping[str, str]) -> Iterator[bytes]:
    """The pairs of label and prediction, with names and counts, among the samples that pass the filter `where`.

    Raises:
        ExpressionError: If it cannot be read or does not fit the run's columns.
    """
    pairs = passing.confusions(key, _filter(key, params.get("where", "").strip()))
    names = np.asarray(runs.class_names(key), dtype=object)
    return csv_of(pairs.assign(**{side: names[pairs[f"{side}_index"]] for side in ("label", "prediction")}))


def _filter(key: RunKey, where: str) -> Filter:
    if not where:
        return EVERY
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
