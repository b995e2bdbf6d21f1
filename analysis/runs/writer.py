"""Writing a run directory: claimed by one process, grown shard by shard, finished in one piece."""

import fcntl
import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from analysis.arrays import AnyArray
from analysis.errors import RunError
from analysis.runs import layout
from analysis.runs.atomic import output_errors, write_arrays, write_json

LEFTOVERS = ".*.part"  # what a killed process was writing

_locks: set[IO[bytes]] = set()


def _let_go() -> None:
    for lock in _locks:
        lock.close()
    _locks.clear()


os.register_at_fork(after_in_child=_let_go)  # a lock lasts as long as one copy of it, in a decoding process say


def refuse_foreign(path: Path, resume: bool) -> None:
    """Refuse to write where something else is already.

    Raises:
        RunError: If `path` is a file, holds anything and `resume` is False, or holds something that is no run.
    """
    if not path.exists():
        return
    if not path.is_dir():
        raise RunError(f"--out {path} is a file; a run is a folder. Choose another name.")
    leftovers = {file.name for file in path.glob(LEFTOVERS)}
    found = sorted({entry.name for entry in path.iterdir()} - {layout.LOCK, layout.DEMO} - leftovers)
    ours = {layout.META, layout.SHARDS, layout.PROGRESS, layout.INFERENCE}
    if found and not resume:
        advice = "add --resume to go on with it, or " if ours & set(found) else ""
        raise RunError(
            f"The output folder {path} is not empty (it holds {', '.join(found[:3])}"
            f"{', …' if len(found) > 3 else ''}); {advice}choose another --out. Nothing was changed."
        )
    if found and not ours & set(found):
        raise RunError(
            f"--resume: {path} holds {', '.join(found[:3])}, but no run that was begun there. Choose the "
            "folder of the interrupted run, or start anew in an empty one."
        )


class RunWriter:
    """The one process that may write a run directory; a context manager that holds its lock."""

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        """Claim `path` for writing.

        Args:
            path: The run directory; made where it is missing.
            resume: True to go on in a folder that already holds a run.

        Raises:
            RunError: If the folder holds anything and `resume` is False, holds something that is no run, or another
                process is writing it.
            OutputError: If it cannot be made.
        """
        self.path = path
        with output_errors(path):
            refuse_foreign(path, resume)
            path.mkdir(parents=True, exist_ok=True)
            self._lock: IO[bytes] = (path / layout.LOCK).open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise RunError(
                f"{path} is being written by another process. Wait for it, or choose another --out."
            ) from error
        _locks.add(self._lock)
        for leftover in path.rglob(LEFTOVERS):
            leftover.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the directory back."""
        _locks.discard(self._lock)
        self._lock.close()

    def commit_shard(self, number: int, arrays: Mapping[str, AnyArray]) -> None:
        """Keep one finished block of samples; after this call a kill loses nothing of it."""
        write_arrays(self._shard(number), arrays)

    def finished_shards(self) -> list[int]:
        """Numbers of the shards committed so far, ascending."""
        folder = self.path / layout.SHARDS
        return sorted(int(file.stem.removeprefix("shard-")) for file in folder.glob("shard-*.npz"))

    def read_shard(self, number: int, names: Collection[str] | None = None) -> dict[str, AnyArray]:
        """Read one committed shard back; of `names` those that it has, None for all."""
        with np.load(self._shard(number), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files if names is None or name in names}

    def drop_shards(self) -> None:
        """Remove the shards, once everything in them stands in the run's own files."""
        shutil.rmtree(self.path / layout.SHARDS, ignore_errors=True)

    def write_meta(self, meta: Mapping[str, Any]) -> None:
        """Write ``run.json``."""
        write_json(self.path / layout.META, meta)

    def write_progress(self, progress: Mapping[str, Any]) -> None:
        """Write ``progress.json``: stage, done, total, rate, seconds_left, updated, state, pid."""
        write_json(self.path / layout.PROGRESS, progress)

    def _shard(self, number: int) -> Path:
        return self.path / layout.SHARDS / f"shard-{number:06d}.npz"
