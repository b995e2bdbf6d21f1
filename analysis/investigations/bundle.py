"""An investigation as one file, to hand over: what people added to a run, its history, and the run itself if wanted."""

import json
import re
import shutil
import time
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from analysis.errors import StoreError
from analysis.investigations.item import Change
from analysis.investigations.merging import Merged
from analysis.investigations.store import InvestigationStore
from analysis.investigations.unpacking import CONTENT, RUN, content_of, is_there, unpack_run
from analysis.runs import layout
from analysis.runs.atomic import replacing
from analysis.runs.identity import run_identity
from analysis.runs.run import Run

FORMAT, VERSION = "faultline-investigation", 1
_PASSING = (layout.LOCK, layout.SHARDS, layout.PROGRESS, layout.FINGERPRINTS)  # what only a running stage needs
_CHANGES = TypeAdapter(list[Change])


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did: to which run, what was merged, and where that run is."""

    run: str
    title: str
    merged: Merged
    folder: Path | None
    """Of the run, where the file brought it along."""
    is_here: bool
    """Whether the run lies below the runs root now, be it from this file or from before."""

    def to_text(self) -> str:
        """The same in sentences."""
        merged = self.merged
        said = [
            f"{self.title}: {_count(merged.changes, 'new change')}, {_count(len(merged.taken), 'item')} taken over."
        ]
        if not merged.changes:
            said = [f"{self.title}: everything that people added is here already."]
        if merged.conflicts:
            items = ", ".join(f"{kind} {subject}" for kind, subject in merged.conflicts[:10])
            more = len(merged.conflicts) - 10
            said.append(
                f"Changed on both sides, and left as here: {items}{f' and {more} more' * (more > 0)}. The others' "
                "versions are in the history."
            )
        if self.folder is not None:
            said.append(f"The run is in {self.folder}.")
        elif not self.is_here:
            said.append("The run that this is about is not here: it shows once a run of the same content is.")
        return " ".join(said)


def _count(number: int, of: str) -> str:
    return f"{number:,} {of}{'' if number == 1 else 's'}"


def export_investigation(store: InvestigationStore, run: Run, out: Path, *, with_run: bool = False) -> int:
    """Write what people added to a run, with its whole history, into one zip file.

    Args:
        store: Where it is kept.
        run: The run.
        out: The file to write; whole or not at all.
        with_run: Put the run directory in, too.

    Returns:
        Number of changes in it.

    Raises:
        StoreError: If the database cannot be read.
        OutputError: If the file cannot be written.
    """
    identity = run_identity(run.meta)
    changes = store.history(identity, limit=None)
    with replacing(out) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CONTENT, json.dumps(_content(run, identity, changes), indent=1))
        for path in _files(run.path) if with_run else ():
            # Parquet, pictures and half floats hardly shrink: stored, so that an import can tell a bomb by its ratio.
            archive.write(path, f"{RUN}{path.relative_to(run.path).as_posix()}", zipfile.ZIP_STORED)
    return len(changes)


def import_investigation(store: InvestigationStore, file: Path, runs_root: Path) -> Imported:
    """Merge what a file brings into the store; its run is put below the runs root unless one like it is there.

    Args:
        store: Where to keep it.
        file: What `export_investigation` wrote, perhaps changed by whoever sent it: nothing in it is trusted.
        runs_root: Where runs live.

    Returns:
        What was done; importing the same file again does nothing.

    Raises:
        StoreError: If the file is none, is damaged, or holds what no such file holds; then nothing was changed.
    """
    content = content_of(file)
    if content.get("format") != FORMAT:
        raise StoreError(f"{file.name} is a zip file, but no investigation that Faultline exported.")
    if not isinstance(content.get("version"), int) or content["version"] > VERSION:
        raise StoreError(f"{file.name} was written by a later Faultline. Update this one, then import it again.")
    try:
        changes = _CHANGES.validate_python(content.get("changes"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise StoreError(f"{file.name} is damaged: changes.{place}: {first['msg']}.") from None
    identity = str(content.get("run"))
    if not re.fullmatch("[0-9a-f]{16}", identity):
        raise StoreError(f"{file.name} is damaged: {identity[:40]!r} is no run's identity.")
    folder = unpack_run(file, identity, runs_root)
    try:
        merged = store.merge(identity, changes)
    except StoreError:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return Imported(
        run=identity,
        title=str(content.get("title") or ""),
        merged=merged,
        folder=folder,
        is_here=folder is not None or is_there(identity, runs_root),
    )


def _content(run: Run, identity: str, changes: Sequence[Change]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "run": identity,
        "title": str(run.meta.get("title") or run.path.name),
        "exported": time.time(),
        "changes": [asdict(change) for change in reversed(changes)],
    }


def _files(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.is_file() and not path.is_symlink() and not hidden and inside.parts[0] not in _PASSING:
            found.append(path)
    return found
