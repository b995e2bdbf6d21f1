"""Deleted runs lie in a trash folder for a week, whole, and can be fetched back; then their space is freed."""

import fcntl
import json
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from analysis.catalog.catalog import FOLDER
from analysis.errors import RunError
from analysis.runs import layout
from analysis.runs.atomic import output_errors, write_json

KEPT_SECONDS = 7 * 24 * 3600.0
DUE_SECONDS = 24 * 3600.0  # from finding that a run's time is over to freeing it
_FACTS = "deleted.json"
_RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """One deleted run; `number` is its own name in the trash."""

    number: str
    run: str  # folder name it had
    title: str
    author: str
    at: float  # seconds since 1970
    path: Path
    due: float | None = None  # when its time was found to be over


class Trash:
    """The trash of a runs root: ``.faultline/trash/NUMBER/``, one run each, on the same disk, so nothing is copied."""

    def __init__(self, runs_root: Path) -> None:
        self._root = runs_root
        self._folder = runs_root / FOLDER / "trash"

    def delete(self, run: str, *, title: str, author: str) -> Deleted:
        """Move a run here.

        Args:
            run: Folder name below the runs root; the caller has checked that it is one.
            title: What people called it.
            author: Who deletes it.

        Raises:
            RunError: If it is not there, or being written.
            OutputError: If it cannot be moved; then it is where it was.
        """
        path = self._root / run
        if not path.is_dir():
            raise RunError(f"There is no run called {run!r} (any more).")
        number = f"{int(time.time())}-{secrets.token_hex(4)}"
        place = self._folder / number
        with output_errors(place), _writing_nobody(path):
            place.mkdir(parents=True)
            _write_facts(place, run=run, title=title, author=author, at=time.time(), due=None)
            path.rename(place / _RUN)
        return self._read(place)

    def restore(self, number: str) -> str:
        """Move a run back; under a new folder name where its own is taken by now.

        Returns:
            The folder name.

        Raises:
            RunError: If it is no longer here.
        """
        deleted = self._find(number)
        name, copies = deleted.run, 1
        with output_errors(self._root):
            while (self._root / name).exists():
                copies += 1
                name = f"{deleted.run}-{copies}"
            (deleted.path / _RUN).rename(self._root / name)
            shutil.rmtree(deleted.path, ignore_errors=True)
        return name

    def listed(self) -> list[Deleted]:
        """What can be fetched back, newest first."""
        found = []
        for place in self._folder.iterdir() if self._folder.is_dir() else ():
            with suppress(OSError, ValueError, KeyError, TypeError):
                if (place / _RUN).is_dir():
                    found.append(self._read(place))
        return sorted(found, key=lambda deleted: deleted.at, reverse=True)

    def free(self, number: str) -> None:
        """Delete for good.

        Raises:
            RunError: If it is no longer here.
        """
        shutil.rmtree(self._find(number).path, ignore_errors=True)

    def free_old(self) -> list[Deleted]:
        """Delete for good what was thrown away more than a week ago, and return it.

        Clocks jump. So what is found to be due goes a day later at the earliest, if it is still due then; and what
        seems to have been deleted in the future begins its week now.

        Raises:
            OutputError: If it cannot be written down that something is due.
        """
        return [deleted for deleted in self.listed() if self._is_over(deleted, time.time())]

    def _is_over(self, deleted: Deleted, now: float) -> bool:
        is_due = now - deleted.at > KEPT_SECONDS
        if is_due and deleted.due is not None and now - deleted.due > DUE_SECONDS:
            shutil.rmtree(deleted.path, ignore_errors=True)
            return True
        at = min(deleted.at, now)
        due = None if not is_due else now if deleted.due is None else min(deleted.due, now)
        if (at, due) != (deleted.at, deleted.due):
            _write_facts(deleted.path, run=deleted.run, title=deleted.title, author=deleted.author, at=at, due=due)
        return False

    def _find(self, number: str) -> Deleted:
        for deleted in self.listed():  # compared, never joined to a path: `number` comes from a browser
            if deleted.number == number:
                return deleted
        raise RunError("This run is no longer in the trash: somebody fetched it back, or its time was over.")

    def _read(self, place: Path) -> Deleted:
        facts = json.loads((place / _FACTS).read_text("utf-8"))
        run = str(facts["run"])
        if Path(run).name != run or run.startswith("."):
            raise ValueError(run)
        return Deleted(
            number=place.name,
            run=run,
            title=str(facts["title"]),
            author=str(facts["author"]),
            at=float(facts["at"]),
            due=None if facts.get("due") is None else float(facts["due"]),
            path=place,
        )


def _write_facts(place: Path, *, run: str, title: str, author: str, at: float, due: float | None) -> None:
    write_json(place / _FACTS, {"run": run, "title": title, "author": author, "at": at, "due": due})


@contextmanager
def _writing_nobody(path: Path) -> Iterator[None]:
    """Hold the run's lock, so that no process writes it or begins to."""
    with (path / layout.LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(f"{path.name} is being written just now. Stop its job first, then delete it.") from None
        yield


def folder_bytes(path: Path) -> int:
    """Bytes that the files below a folder take up; what vanishes meanwhile, and links, count nothing."""
    total = 0
    for file in path.rglob("*"):
        with suppress(OSError):
            if not file.is_symlink() and file.is_file():
                total += file.stat().st_size
    return total
