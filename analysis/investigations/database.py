"""One database, SQLite or PostgreSQL: transactions, repeated where that is safe, and errors that say what to do."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from analysis.errors import StoreError
from analysis.investigations.failures import explained, may_pass
from analysis.investigations.schema import VERSION, migrate, version_of

READ_PATIENCE = 3.0  # seconds; a page waits for it
WRITE_PATIENCE = 15.0  # a restart of PostgreSQL takes a few
BUSY_SECONDS = 10.0  # how long one attempt waits for another writer
_MIGRATION_LOCK = 4_907_361  # any number, the same in every process

T = TypeVar("T")


class Database:
    """Where items and changes are kept. Any thread may use it; any number of processes may use the same one.

    A SQLite file is made by the first write, so looking makes no files.
    """

    def __init__(self, url: str) -> None:
        """Take the address; nothing is opened yet.

        Args:
            url: ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``.

        Raises:
            StoreError: If it is neither.
        """
        parsed = _parsed(url)
        self.name = parsed.render_as_string(hide_password=True)
        self._file = Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
        self._ready: object = None  # what was last brought to this version of the schema
        if self._file is None:
            self._reader = self._writer = _postgres(parsed)
        else:
            self._reader, self._writer = _sqlite(self._file, writes=False), _sqlite(self._file, writes=True)

    def read(self, ask: Callable[[Connection], T], nothing: T) -> T:
        """The answer of `ask`; `nothing` where there is no database yet.

        Raises:
            StoreError: If the database cannot be read.
        """
        if self._file is not None and not self._file.exists():
            return nothing
        return self._patiently(lambda: self._attempt(self._reader, ask), READ_PATIENCE)

    def write(self, do: Callable[[Connection], T]) -> T:
        """What `do` returns, once its transaction is on disk.

        `do` may be called again after a failure whose outcome is unknown: it has to notice its own earlier success.

        Raises:
            StoreError: If nothing could be saved.
        """
        return self._patiently(lambda: self._attempt(self._writer, do), WRITE_PATIENCE)

    def close(self) -> None:
        """Let go of all connections."""
        self._reader.dispose()
        self._writer.dispose()

    def _attempt(self, engine: Engine, do: Callable[[Connection], T]) -> T:
        self._prepare()
        with engine.begin() as connection:
            return do(connection)

    def _prepare(self) -> None:
        """Bring the schema up to date, once a database: a file may have been put in the place of another."""
        found = self._mark()
        if found is not None and found == self._ready:
            return
        if found is not None and self._is_current():  # known without writing: it may be one that can only be read
            self._ready = found
            return
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._writer.begin() as connection:
            if self._file is None:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            migrate(connection)
        self._ready = self._mark()

    def _is_current(self) -> bool:
        try:
            with self._reader.begin() as connection:
                return version_of(connection) == VERSION
        except ProgrammingError:  # PostgreSQL: no such table yet
            return False
        except OperationalError as error:
            if "no such table" in str(error.orig):
                return False
            raise

    def _mark(self) -> object:
        if self._file is None:
            return self.name
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _patiently(self, attempt: Callable[[], T], patience: float) -> T:
        until, pause = time.monotonic() + patience, 0.05
        while True:
            try:
                return attempt()
            except (SQLAlchemyError, OSError) as error:
                if not may_pass(error) or time.monotonic() + pause > until:
                    raise explained(error, self.name) from error
            time.sleep(pause)
            pause = min(1.0, 2 * pause)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(_NO_ADDRESS.format("It is no address.")) from None  # it may hold a password: not repeated
    backend = parsed.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StoreError(_NO_ADDRESS.format(f"It names {backend!r} without a file, or a database not known here."))
    return parsed


_NO_ADDRESS = (
    "FAULTLINE_DATABASE must be postgresql://USER:PASSWORD@HOST/NAME or sqlite:///FILE. {} Set it anew, or leave it "
    "out to use a file in the runs folder."
)


def _postgres(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,  # connections that a restart has cut are found out before they are used
        pool_size=5,
        max_overflow=15,
        pool_timeout=BUSY_SECONDS,
        connect_args={"connect_timeout": 5},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: psycopg.Connection, _: object) -> None:
        connection.execute(f"SET lock_timeout = {round(1000 * BUSY_SECONDS)}")
        connection.commit()

    return engine


def _sqlite(file: Path, *, writes: bool) -> Engine:
    """Connections opened anew each time: one kept open would go on writing into a file that was deleted."""

    def connect() -> sqlite3.Connection:
        name = f"file:{quote(str(file))}?mode={'rwc' if writes else 'rw'}"
        if not writes and not os.access(file.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            name += "&immutable=1"  # even a reader would have to make a file beside it
        connection = sqlite3.connect(name, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            if writes:
                connection.execute("PRAGMA journal_mode = WAL")
            return connection
        except sqlite3.Error:
            connection.close()
            raise

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # the driver would begin at the first change only, after what was read
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
