"""Titles that people gave to runs, and which runs are put away: a small SQLite file beside the runs."""

import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import OutputError

FOLDER = ".faultline"
FILE = "catalog.sqlite"
WAIT_SECONDS = 10.0
TITLE_LENGTH = 200

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY,
    title TEXT,
    archived INTEGER NOT NULL DEFAULT 0,
    author TEXT NOT NULL,
    at REAL NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Card:
    """What people said of one run; `title` None where it keeps its own."""

    title: str | None = None
    archived: bool = False


class Catalog:
    """Cards of the runs below a runs root, by folder name; a run without one is as it says itself."""

    def __init__(self, runs_root: Path) -> None:
        self.file = runs_root / FOLDER / FILE

    def cards(self) -> dict[str, Card]:
        """All cards; none where nothing was ever said. Looking makes no file.

        Raises:
            OutputError: If the file is there, but cannot be read.
        """
        if not self.file.is_file():
            return {}
        with self._connect() as connection:
            rows = connection.execute("SELECT run, title, archived FROM runs").fetchall()
        return {run: Card(title, bool(archived)) for run, title, archived in rows}

    def rename(self, run: str, title: str, *, author: str) -> None:
        """Give a run another title; an empty one gives it its own back. Cut after `TITLE_LENGTH` characters.

        Raises:
            OutputError: If it cannot be kept.
        """
        self._say([run], "title", " ".join(title.split())[:TITLE_LENGTH] or None, author)

    def archive(self, runs: Collection[str], archived: bool, *, author: str) -> None:
        """Put runs away, or take them out again.

        Raises:
            OutputError: If it cannot be kept.
        """
        self._say(runs, "archived", archived, author)

    def move(self, old: str, new: str) -> None:
        """The folder `old` is now called `new`: its card goes with it."""
        if self.file.is_file():
            with self._connect() as connection:
                connection.execute("UPDATE OR REPLACE runs SET run = ? WHERE run = ?", (new, old))

    def _say(self, runs: Collection[str], column: str, value: str | bool | None, author: str) -> None:
        rows = [(run, value, author, time.time()) for run in runs]
        with self._connect() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                f"INSERT INTO runs (run, {column}, author, at) VALUES (?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET "
                f"{column} = excluded.{column}, author = excluded.author, at = excluded.at",
                rows,
            )
            connection.execute("COMMIT")

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.file, timeout=WAIT_SECONDS, isolation_level=None)
            try:
                yield connection
            finally:
                connection.close()
        except (OSError, sqlite3.Error) as error:
            raise OutputError(
                f"Titles and the archive cannot be kept in {self.file}: {error}. Make that folder writable and free "
                "some space; nothing was changed."
            ) from error
