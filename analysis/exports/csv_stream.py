"""A table of a run as a stream of CSV: the memory it takes does not grow with the table."""

from collections.abc import Iterator

from analysis.errors import RunError
from analysis.exports.chosen import EVERYTHING, Chosen
from analysis.exports.csv_text import csv_bytes
from analysis.exports.evidence import PREFIX, evidence_batches
from analysis.exports.tables import tables
from analysis.runs.run import Run


def csv_chunks(run: Run, what: str, chosen: Chosen = EVERYTHING) -> Iterator[bytes]:
    """UTF-8 CSV in pieces, column names first; what is not there is said before the first piece.

    Args:
        run: The run.
        what: One of `tables.TABLES`, or a table behind a finding, ``evidence/FINDING/TABLE``.
        chosen: Which samples, where the table is one of samples.

    Raises:
        RunError: If there is no such table, cluster, finding or sample, or the run has not got that far.
    """
    if not what.startswith(PREFIX):
        batches = tables(run, what, chosen)
    elif chosen.is_everything:
        batches = evidence_batches(run, what)
    else:
        raise RunError("--cluster, --finding, --ids and --where choose samples; a table behind a finding goes whole.")
    return (csv_bytes(batch, header=number == 0) for number, batch in enumerate(batches))
