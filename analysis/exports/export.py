"""Taking something out of a run: what there is, and how it becomes a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import OutputError, RunError
from analysis.exports.chosen import EVERYTHING, Chosen
from analysis.exports.csv_stream import csv_chunks
from analysis.exports.evidence import PREFIX as EVIDENCE
from analysis.exports.fiftyone_labels import fiftyone_chunks
from analysis.exports.report import html_report
from analysis.exports.tables import TABLES
from analysis.investigations.item import Item
from analysis.runs.atomic import output_errors, replacing
from analysis.runs.run import Run

REPORT = "report"
FIFTYONE = {"fiftyone-labels": "labels", "fiftyone-predictions": "predictions"}
WHAT = (*TABLES, *FIFTYONE, REPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Bytes on their way out, and what they are."""

    chunks: Iterator[bytes]
    media_type: str
    suffix: str


def export(
    run: Run, what: str, chosen: Chosen = EVERYTHING, items: Sequence[Item] = (), *, relative: bool = False
) -> Export:
    """Start an export; it is read from the run while `chunks` is taken.

    Args:
        run: The run.
        what: One of `WHAT`, or ``evidence/FINDING/TABLE``, a table behind a finding.
        chosen: Which samples; goes with ``samples``, ``datalab`` and FiftyOne's files.
        items: What people said of the run, to be told in the report.
        relative: In FiftyOne's files, no absolute paths of this machine.

    Raises:
        RunError: If there is no such thing to export; before the first chunk.
    """
    if _is_table(what):
        return Export(chunks=csv_chunks(run, what, chosen), media_type="text/csv; charset=utf-8", suffix=".csv")
    if what in FIFTYONE:
        chunks = fiftyone_chunks(run, FIFTYONE[what], chosen.samples(run), relative=relative)
        return Export(chunks=chunks, media_type="application/json", suffix=".json")
    if what != REPORT:
        raise _nothing(what)
    if not chosen.is_everything:
        raise RunError("--cluster, --finding, --ids and --where choose samples, so they do not go with `report`.")
    return Export(
        chunks=iter([html_report(run, items).encode()]), media_type="text/html; charset=utf-8", suffix=".html"
    )


def write_export(run: Run, what: str, out: Path, chosen: Chosen = EVERYTHING, items: Sequence[Item] = ()) -> None:
    """Write an export to a file; one that is there already is replaced.

    Args:
        run: The run.
        what: One of `WHAT`, or ``evidence/FINDING/TABLE``, a table behind a finding.
        out: The file to write; whole or not at all.
        chosen: Which samples.
        items: What people said of the run, to be told in the report.

    Raises:
        RunError: If there is no such thing to export.
        OutputError: If `out` is a folder or cannot be written.
    """
    if what not in WHAT and not _is_table(what):
        raise _nothing(what)
    with output_errors(out):
        is_folder = out.is_dir()
    if is_folder:
        raise OutputError(
            f"--out {out} is a folder; give the name of a file to write, such as {out / Path(what).name}.csv."
        )
    exported = export(run, what, chosen, items)
    with replacing(out) as file:
        for chunk in exported.chunks:
            file.write(chunk)


def _is_table(what: str) -> bool:
    return what in TABLES or what.startswith(EVIDENCE)


def _nothing(what: str) -> RunError:
    return RunError(
        f"There is nothing called {what!r} to export; there are {', '.join(WHAT)}, and the tables behind findings, "
        f"{EVIDENCE}FINDING/TABLE."
    )
