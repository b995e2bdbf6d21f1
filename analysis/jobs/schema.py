"""The table of jobs, and the steps that bring the table of an earlier version here."""

import sqlite3

ACTIVE = "state IN ('queued', 'starting', 'running', 'cancelling')"

_STEPS = (
    # 1: the first version, which knew no version number; so both steps must bear that the table is there.
    """
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
    """,
    # 2: a queue for each device, who started it, and signs of life that no clock can falsify.
    """
    ALTER TABLE jobs ADD COLUMN work TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN device TEXT NOT NULL DEFAULT 'cpu';
    ALTER TABLE jobs ADD COLUMN author TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN beats INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN mark TEXT NOT NULL DEFAULT '';
    UPDATE jobs SET work = output;
    UPDATE jobs SET state = 'starting' WHERE state = 'queued';
    DROP INDEX IF EXISTS one_active_job_an_output;
    CREATE UNIQUE INDEX one_active_job_a_work ON jobs (work)
        WHERE state IN ('queued', 'starting', 'running', 'cancelling');
    """,
    # 3: a job that ended badly can be put aside.
    "ALTER TABLE jobs ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0;",
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to this version; of two that start at once, one does it and the other waits.

    A database of a later version is left as it is: steps only ever add.
    """
    if _version(connection) >= len(_STEPS):
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_version(connection), len(_STEPS)):
            for statement in _STEPS[number].split(";"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
