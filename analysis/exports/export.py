"""Taking something out of a run into a file."""

from pathlib import Path

from analysis.errors import OutputError, RunError
from analysis.exports.csv_stream import csv_chunks
from analysis.exports.report import html_report
from analysis.exports.tables import TABLES
from analysis.runs.atomic import output_errors, replacing
from analysis.runs.run import Run

REPORT = "report"


def write_export(run: Run, what: str, out: Path, cluster: int | None = None) -> None:
    """Write a table as CSV, or the whole story as one HTML file; a file that is there already is replaced.

    Args:
        run: The run.
        what: One of the tables, or ``report``.
        out: The file to write; whole or not at all.
        cluster: With ``samples``: only those of this cluster, −1 for those in none.

    Raises:
        RunError: If there is no such thing to export.
        OutputError: If `out` is a folder or cannot be written.
    """
    if what not in (*TABLES, REPORT):
        raise RunError(f"There is nothing called {what!r} to export; there are {', '.join((*TABLES, REPORT))}.")
    with output_errors(out):
        is_folder = out.is_dir()
    if is_folder:
        raise OutputError(f"--out {out} is a folder; give the name of a file to write, such as {out / what}.csv.")
    if what == REPORT and cluster is not None:
        raise RunError("--cluster chooses samples, so it goes with `samples`, not with `report`.")
    chunks = iter([html_report(run).encode()]) if what == REPORT else csv_chunks(run, what, cluster)
    with replacing(out) as file:
        for chunk in chunks:
            file.write(chunk)
