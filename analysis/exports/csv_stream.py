"""A table of a run as a stream of CSV: the memory it takes does not grow with the table."""

from collections.abc import Iterator

from analysis.exports.csv_text import csv_bytes
from analysis.exports.tables import tables
from analysis.runs.run import Run


def csv_chunks(run: Run, what: str, cluster: int | None = None) -> Iterator[bytes]:
    """UTF-8 CSV in pieces, column names first; what is not there is said before the first piece.

    Args:
        run: The run.
        what: samples | classes | confusions | clusters | label-issues | problems | findings.
        cluster: Only the samples of this cluster, −1 for those in none.

    Raises:
        RunError: If there is no such table or cluster, or the run has not got that far.
    """
    batches = tables(run, what, cluster)
    return (csv_bytes(batch, header=number == 0) for number, batch in enumerate(batches))
