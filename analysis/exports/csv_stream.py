"""A table of a run as a stream of CSV: the memory it takes does not grow with the table."""

from collections.abc import Iterator

from analysis.exports.chosen import EVERYTHING, Chosen
from analysis.exports.csv_text import csv_bytes
from analysis.exports.tables import tables
from analysis.runs.run import Run


def csv_chunks(run: Run, what: str, chosen: Chosen = EVERYTHING) -> Iterator[bytes]:
    """UTF-8 CSV in pieces, column names first; what is not there is said before the first piece.

    Args:
        run: The run.
        what: One of `tables.TABLES`.
        chosen: Which samples, where the table is one of samples.

    Raises:
        RunError: If there is no such table, cluster, finding or sample, or the run has not got that far.
    """
    batches = tables(run, what, chosen)
    return (csv_bytes(batch, header=number == 0) for number, batch in enumerate(batches))
