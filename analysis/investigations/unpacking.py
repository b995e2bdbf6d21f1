"""Opening a zip file that somebody sent: nothing gets out of its folder, and nothing grows without end."""

import json
import secrets
import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from analysis.errors import AnalysisError, StoreError
from analysis.runs import layout
from analysis.runs.identity import run_identity
from analysis.runs.run import Run

CONTENT = "investigation.json"
RUN = "run/"
CONTENT_BYTES = 256 * 2**20
FILES = 100_000
RATIO = 50  # unpacked against packed, over everything
SLACK_BYTES = 64 * 2**20
_CHUNK = 2**20


def content_of(file: Path) -> dict[str, Any]:
    """The content of ``investigation.json``.

    Raises:
        StoreError: If there is none, or it is no JSON object of a bearable size.
    """
    with _opened(file) as archive:
        try:
            with archive.open(CONTENT) as stream:
                text = stream.read(CONTENT_BYTES + 1)
        except KeyError:
            raise StoreError(
                f"{file.name} holds no {CONTENT}: Faultline did not export it, or it was cut short; ask for it again."
            ) from None
    if len(text) > CONTENT_BYTES:
        raise StoreError(f"{CONTENT} in {file.name} is larger than {CONTENT_BYTES // 2**20} MB; it is not imported.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{CONTENT} in {file.name} is no readable JSON ({error}); ask for the file again.") from None
    if not isinstance(content, dict):
        raise StoreError(f"{CONTENT} in {file.name} is not what Faultline writes; ask for the file again.")
    return content


def unpack_run(file: Path, identity: str, runs_root: Path) -> Path | None:
    """Put the run that a file brings below the runs root, whole or not at all.

    Returns:
        Its folder; None where the file brings none, or a run with this identity is there already.

    Raises:
        StoreError: If a name leads out of the folder, the content is larger than it can honestly be, or it is another
            run than the file says.
    """
    with _opened(file) as archive:
        members = [member for member in archive.infolist() if member.filename.startswith(RUN) and not member.is_dir()]
        if not members or is_there(identity, runs_root):
            return None
        _check(file, members)
        part = runs_root / ".faultline" / f"import-{secrets.token_hex(8)}"
        try:
            part.mkdir(parents=True)
            limit = RATIO * file.stat().st_size + SLACK_BYTES
            for member in members:
                limit = _extract(archive, member, part, limit)
            return _placed(part, identity, runs_root)
        except OSError as error:
            raise StoreError(f"The run in {file.name} could not be unpacked below {runs_root}: {error}.") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise StoreError(f"{file.name} is no zip file, or it is damaged ({error}); ask for it again.") from error
    except FileNotFoundError as error:
        raise StoreError(f"There is no file {file}.") from error


def _check(file: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > FILES:
        raise StoreError(f"{file.name} holds {len(members):,} files; a run has at most {FILES:,}. It is not imported.")
    for member in members:
        parts = PurePosixPath(member.filename).parts
        mode = member.external_attr >> 16
        odd = any(part in ("..", ".") or part.startswith(".") or set(part) & set('\\:*?"<>|\x00') for part in parts)
        if odd or member.filename.startswith("/") or (mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode)):
            raise StoreError(
                f"{file.name} holds {member.filename!r}, which is no plain file of a run. Nothing was imported; do not "
                "trust where it comes from."
            )


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, limit: int) -> int:
    """Write one file; returns how many bytes may still come. What the zip says of sizes is not believed."""
    target = folder / member.filename.removeprefix(RUN)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as stream, target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            limit -= len(chunk)
            if limit < 0:
                raise StoreError(
                    "The file unpacks to far more than a run can; it is not imported. Nothing was changed."
                )
            out.write(chunk)
    return limit


def _placed(part: Path, identity: str, runs_root: Path) -> Path:
    try:
        run = Run.open(part)
    except AnalysisError as error:
        raise StoreError(f"The run in the file cannot be read: {error}") from error
    if run_identity(run.meta) != identity:
        raise StoreError("The run in the file is not the one that the notes in it are about. Nothing was imported.")
    stem = "".join(c if c.isalnum() else "-" for c in str(run.meta.get("title") or "")).strip("-").lower()[:48]
    name, number = stem or "imported", 1
    while (runs_root / name).exists():
        number += 1
        name = f"{stem or 'imported'}-{number}"
    return part.rename(runs_root / name)


def is_there(identity: str, runs_root: Path) -> bool:
    """Whether a run of this identity lies below the runs root."""
    for file in runs_root.glob(f"*/{layout.META}"):
        try:
            if run_identity(json.loads(file.read_text("utf-8"))) == identity:
                return True
        except (OSError, ValueError, AttributeError):
            continue
    return False
