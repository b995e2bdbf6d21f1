"""The job store: one SQLite file in WAL mode, opened anew by every call, so any thread and process may use it."""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from analysis.errors import OutputError
from analysis.jobs.job import Job, JobState

FOLDER = ".faultline"
FILE = "jobs.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    output TEXT NOT NULL,
    command TEXT NOT NULL,
    state TEXT NOT NULL,
    log TEXT NOT NULL,
    created REAL NOT NULL,
    started REAL NOT NULL DEFAULT 0,
    beat REAL NOT NULL DEFAULT 0,
    finished REAL NOT NULL DEFAULT 0,
    pid INTEGER NOT NULL DEFAULT 0,
    pid_started REAL NOT NULL DEFAULT 0,
    host TEXT NOT NULL DEFAULT '',
    exit_status INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS one_active_job_an_output
    ON jobs (output) WHERE state IN ('queued', 'running', 'cancelling');
"""
_ACTIVE = "state IN ('queued', 'running', 'cancelling')"


class JobStore:
    """Rows of jobs below a runs root: ``.faultline/jobs.sqlite``, logs beside it."""

    def __init__(self, runs_root: Path) -> None:
        """Open (or make) the store.

        Raises:
            OutputError: If the folder cannot be written.
        """
        self.folder = runs_root / FOLDER
        self.file = self.folder / FILE
        try:
            (self.folder / "logs").mkdir(parents=True, exist_ok=True)
            with self._connect() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)
        except (OSError, sqlite3.OperationalError) as error:
            raise OutputError(
                f"The list of jobs cannot be kept in {self.folder}: {error}. Make that folder writable, or set "
                "FAULTLINE_RUNS to one that is."
            ) from error

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.file, timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()

    def add(self, *, kind: str, title: str, output: Path, command: Sequence[str]) -> tuple[Job, bool]:
        """Queue a job, unless one is already active for the same output.

        Args:
            kind: ``demo`` or ``run``.
            title: What people call it.
            output: Run directory; only one active job may write it.
            command: Arguments of ``python -m analysis``.

        Returns:
            The job, and whether it is new. Of two callers at the same moment exactly one gets True.
        """
        output = output.resolve()
        values = (kind, title, str(output), json.dumps(list(command)), JobState.QUEUED, "", time.time())
        with self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                cursor = connection.execute(
                    "INSERT INTO jobs (kind, title, output, command, state, log, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    values,
                )
            except sqlite3.IntegrityError:
                row = connection.execute(
                    f"SELECT * FROM jobs WHERE output = ? AND {_ACTIVE}", (str(output),)
                ).fetchone()
                connection.execute("ROLLBACK")
                return _job(row), False
            number = int(cursor.lastrowid or 0)
            log = str(self.folder / "logs" / f"{number:06d}.log")
            connection.execute("UPDATE jobs SET log = ? WHERE id = ?", (log, number))
            connection.execute("COMMIT")
            return _job(connection.execute("SELECT * FROM jobs WHERE id = ?", (number,)).fetchone()), True

    def get(self, number: int) -> Job | None:
        """One job, or None."""
        with self._connect() as connection:
            row = connection.execute("SELECT * FROM jobs WHERE id = ?", (number,)).fetchone()
        return None if row is None else _job(row)

    def newest(self, limit: int = 200) -> list[Job]:
        """The newest jobs, newest first."""
        with self._connect() as connection:
            rows = connection.execute("SELECT * FROM jobs ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
        return [_job(row) for row in rows]

    def active(self) -> list[Job]:
        """Jobs whose process is at work, or about to be."""
        with self._connect() as connection:
            rows = connection.execute(f"SELECT * FROM jobs WHERE {_ACTIVE} ORDER BY id").fetchall()
        return [_job(row) for row in rows]

    def begin(self, number: int, *, pid: int, pid_started: float, host: str) -> bool:
        """The worker reports for duty; False when it must not start (cancelled before, or no such job)."""
        now = time.time()
        with self._connect() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = 'running', pid = ?, pid_started = ?, host = ?, started = ?, beat = ? "
                "WHERE id = ? AND state = 'queued'",
                (pid, pid_started, host, now, now, number),
            )
            return cursor.rowcount == 1

    def beat(self, number: int) -> JobState:
        """Give a sign of life and learn the state: CANCELLING tells the worker to stop."""
        with self._connect() as connection:
            connection.execute(f"UPDATE jobs SET beat = ? WHERE id = ? AND {_ACTIVE}", (time.time(), number))
            row = connection.execute("SELECT state FROM jobs WHERE id = ?", (number,)).fetchone()
        return JobState.DEAD if row is None else JobState(row["state"])

    def ask_to_cancel(self, number: int) -> None:
        """Cancel: at once where it is still queued, else the worker stops at its next beat."""
        with self._connect() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', finished = ? WHERE id = ? AND state = 'queued'",
                (time.time(), number),
            )
            connection.execute("UPDATE jobs SET state = 'cancelling' WHERE id = ? AND state = 'running'", (number,))

    def finish(self, number: int, state: JobState, exit_status: int | None = None) -> bool:
        """Move an active job to its last state; False when it has one already."""
        with self._connect() as connection:
            cursor = connection.execute(
                f"UPDATE jobs SET state = ?, finished = ?, exit_status = ? WHERE id = ? AND {_ACTIVE}",
                (state, time.time(), exit_status, number),
            )
            return cursor.rowcount == 1


def _job(row: sqlite3.Row) -> Job:
    fields = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row iterates over values
    fields["command"] = tuple(json.loads(fields["command"]))
    fields["output"], fields["log"] = Path(fields["output"]), Path(fields["log"])
    fields["state"] = JobState(fields["state"])
    return Job(**fields)
