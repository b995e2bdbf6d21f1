"""Clusters as people left them, on their way out: the table, and the samples of one."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from analysis.arrays import IntArray
from analysis.errors import RunError
from analysis.exports.csv_text import csv_bytes
from app.queries import clusterings
from app.queries.clusterings import OWN, OWN_IN_LINK, Shown
from app.queries.runs import RunKey


def table_csv(key: RunKey, clustering: str) -> Iterator[bytes]:
    """The table as CSV.

    Raises:
        RunError: If the run has no such clustering.
    """
    table = pa.Table.from_pandas(_shown(key, clustering).table, preserve_index=False)
    return iter([csv_bytes(table, header=True)])


def members(key: RunKey, clustering: str, number: int) -> IntArray:
    """Ids of a cluster's samples, −1 for those in none.

    Raises:
        RunError: If the run has no such clustering or cluster.
    """
    shown = _shown(key, clustering)
    row = shown.row(number)
    if row is None and number != -1:
        raise RunError(f"There is no cluster {number} in this clustering; it may have been changed since.")
    return np.flatnonzero(shown.assigned == (-1 if row is None else int(row["cluster"])))


def _shown(key: RunKey, clustering: str) -> Shown:
    found = clusterings.shown(key, OWN if clustering == OWN_IN_LINK else clustering)
    if found is None:
        raise RunError(f"There is no clustering {clustering[:100]!r} in this run (any more).")
    return found
