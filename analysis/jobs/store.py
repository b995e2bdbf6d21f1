"""The job store: one SQLite file in WAL mode, opened anew by every call, so any thread and process may use it."""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from analysis.errors import OutputError
from analysis.jobs.job import Job, JobState
from analysis.jobs.schema import ACTIVE, migrate

FOLDER = ".faultline"
FILE = "jobs.sqlite"
WAIT_SECONDS = 10.0  # for another process that is writing


class JobStore:
    """Rows of jobs below a runs root: ``.faultline/jobs.sqlite``, logs beside it.

    Every method raises `OutputError` where the database cannot be read or written.
    """

    def __init__(self, runs_root: Path) -> None:
        """Open (or make) the store.

        Raises:
            OutputError: If the folder cannot be written.
        """
        self.folder = runs_root / FOLDER
        self.file = self.folder / FILE
        try:
            (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        with self._connect() as connection:
            migrate(connection)

    def _unusable(self, error: Exception) -> OutputError:
        return OutputError(
            f"The list of jobs cannot be kept in {self.folder}: {error}. Make that folder writable and free some "
            "space, or set FAULTLINE_RUNS to another one."
        )

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self.file, timeout=WAIT_SECONDS, isolation_level=None)
            connection.row_factory = sqlite3.Row
            try:
                yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:  # locked, read-only, full, damaged
            raise self._unusable(error) from error

    def add(
        self, *, kind: str, title: str, output: Path, command: Sequence[str], device: str = "cpu", author: str = ""
    ) -> tuple[Job, bool]:
        """Queue a job, unless one that does the same is active.

        Args:
            kind: ``demo``, ``run``, …
            title: What people call it.
            output: Run directory it writes; of several active jobs for one output only one is at work at a time.
            command: Arguments of ``python -m analysis``.
            device: The queue it waits in.
            author: Who starts it.

        Returns:
            The job, and whether it is new. Of two callers at the same moment exactly one gets True.
        """
        output = output.resolve()
        work = _work(kind, output, command)
        values = (kind, title, str(output), json.dumps(list(command)), work, device, author, time.time())
        with self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            same = connection.execute(f"SELECT * FROM jobs WHERE work = ? AND {ACTIVE}", (work,)).fetchone()
            if same is not None:
                connection.execute("ROLLBACK")
                return _job(same), False
            cursor = connection.execute(
                "INSERT INTO jobs (kind, title, output, command, work, device, author, created, state, log) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', '')",
                values,
            )
            number = int(cursor.lastrowid or 0)
            log = str(self.folder / "logs" / f"{number:06d}.log")
            connection.execute("UPDATE jobs SET log = ? WHERE id = ?", (log, number))
            connection.execute("COMMIT")
            return _job(connection.execute("SELECT * FROM jobs WHERE id = ?", (number,)).fetchone()), True

    def claim(self, *, limit: int, host: str) -> Job | None:
        """Take the oldest queued job that may start: its device has room and nobody is at work on its output.

        Args:
            limit: Jobs that may be at work on one device at a time.
            host: This machine; where the job's process will be.

        Returns:
            The job, now STARTING and the caller's to start; None when nothing may start.
        """
        with self._connect() as connection:
            if connection.execute("SELECT 1 FROM jobs WHERE state = 'queued' LIMIT 1").fetchone() is None:
                return None  # without taking the lock: this is asked at every look
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute(
                "SELECT * FROM jobs AS job WHERE state = 'queued' AND NOT EXISTS (SELECT 1 FROM jobs AS other WHERE "
                "other.output = job.output AND other.state IN ('starting', 'running', 'cancelling')) AND ? > (SELECT "
                "count(*) FROM jobs AS other WHERE other.device = job.device AND other.state IN ('starting', "
                "'running', 'cancelling')) ORDER BY id LIMIT 1",
                (limit,),
            ).fetchone()
            if row is not None:
                connection.execute("UPDATE jobs SET state = 'starting', host = ? WHERE id = ?", (host, row["id"]))
                row = connection.execute("SELECT * FROM jobs WHERE id = ?", (row["id"],)).fetchone()
            connection.execute("COMMIT")
            return None if row is None else _job(row)

    def spawned(self, number: int, *, pid: int, mark: str) -> None:
        """A process was made for a starting job; it reports itself by `begin`."""
        with self._connect() as connection:
            connection.execute(
                "UPDATE jobs SET pid = ?, mark = ? WHERE id = ? AND state = 'starting'", (pid, mark, number)
            )

    def requeue(self, number: int) -> None:
        """Put a starting job back that never got a process."""
        with self._connect() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'queued' WHERE id = ? AND state = 'starting' AND pid = 0", (number,)
            )

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
        """Jobs that wait or are at work, oldest first."""
        with self._connect() as connection:
            rows = connection.execute(f"SELECT * FROM jobs WHERE {ACTIVE} ORDER BY id").fetchall()
        return [_job(row) for row in rows]

    def begin(self, number: int, *, pid: int, pid_started: float, host: str, mark: str = "") -> bool:
        """The worker reports for duty; False when it must not start (cancelled before, or no such job)."""
        now = time.time()
        with self._connect() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = 'running', pid = ?, pid_started = ?, mark = ?, host = ?, started = ?, "
                "beat = ?, beats = beats + 1 WHERE id = ? AND state IN ('queued', 'starting')",
                (pid, pid_started, mark, host, now, now, number),
            )
            return cursor.rowcount == 1

    def beat(self, number: int) -> JobState:
        """Give a sign of life and learn the state: CANCELLING tells the worker to stop."""
        with self._connect() as connection:
            connection.execute(
                f"UPDATE jobs SET beat = ?, beats = beats + 1 WHERE id = ? AND {ACTIVE}", (time.time(), number)
            )
            row = connection.execute("SELECT state FROM jobs WHERE id = ?", (number,)).fetchone()
        return JobState.DEAD if row is None else JobState(row["state"])

    def ask_to_cancel(self, number: int) -> None:
        """Cancel: at once where nothing runs yet, else the worker stops at its next beat."""
        with self._connect() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', finished = ? WHERE id = ? AND state IN ('queued', 'starting')",
                (time.time(), number),
            )
            connection.execute("UPDATE jobs SET state = 'cancelling' WHERE id = ? AND state = 'running'", (number,))

    def finish(self, number: int, state: JobState, exit_status: int | None = None) -> bool:
        """Move an active job to its last state; False when it has one already."""
        with self._connect() as connection:
            cursor = connection.execute(
                f"UPDATE jobs SET state = ?, finished = ?, exit_status = ? WHERE id = ? AND {ACTIVE}",
                (state, time.time(), exit_status, number),
            )
            return cursor.rowcount == 1

    def dismiss(self, output: Path) -> None:
        """The ended jobs of this output need not be told of any more; it was seen to, or thrown away."""
        with self._connect() as connection:
            connection.execute(
                f"UPDATE jobs SET dismissed = 1 WHERE output = ? AND NOT ({ACTIVE})", (str(output.resolve()),)
            )


def _work(kind: str, output: Path, command: Sequence[str]) -> str:
    """What a job does, whether or not it goes on with something begun, and however its output is spelt."""
    parts, arguments = [kind, str(output)], iter(command)
    for argument in arguments:
        if argument == "--out":
            next(arguments, None)
        elif argument != "--resume":
            parts.append(argument)
    return json.dumps(parts)


def _job(row: sqlite3.Row) -> Job:
    fields = {name: row[name] for name in Job.__dataclass_fields__}  # a later version may have added columns
    fields["command"] = tuple(json.loads(fields["command"]))
    fields["output"], fields["log"] = Path(fields["output"]), Path(fields["log"])
    fields["state"], fields["dismissed"] = JobState(fields["state"]), bool(fields["dismissed"])
    return Job(**fields)
