"""An investigation as one file: out of this Faultline, and into it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from analysis.errors import StoreError
from analysis.exports.export import Export
from analysis.investigations.bundle import Imported, export_investigation, import_investigation
from analysis.runs.run import Run
from app import people
from app.access import audit
from app.queries import investigations
from app.queries.roots import runs_root

_CHUNK = 2**20


def exported(run: Run, *, with_run: bool) -> Export:
    """What people added to a run with its history, and the run if wanted, as a zip file on its way out."""
    folder = tempfile.TemporaryDirectory(prefix="faultline-")
    file = Path(folder.name) / "investigation.zip"
    export_investigation(investigations.store(), run, file, with_run=with_run)
    return Export(chunks=_chunks(file, folder), media_type="application/zip", suffix=".zip")


def imported(content: BinaryIO) -> Imported:
    """Merge what somebody handed over.

    Raises:
        StoreError: If it is no such file, or the person may only look; nothing was changed then.
    """
    person = people.current()
    if not person.may_edit:
        raise StoreError("Only editors can import; you can look and export. Nothing was changed.")
    with tempfile.TemporaryDirectory(prefix="faultline-") as folder:
        file = Path(folder) / "the file"
        with file.open("wb") as out:
            while chunk := content.read(_CHUNK):
                out.write(chunk)
        done = import_investigation(investigations.store(), file, runs_root())
    audit.record("imported an investigation", by=person.name, run=done.run)
    return done


def _chunks(file: Path, folder: "tempfile.TemporaryDirectory[str]") -> Iterator[bytes]:
    with folder, file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk
