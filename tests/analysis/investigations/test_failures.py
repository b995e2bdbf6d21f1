"""A locked, read-only, full, damaged or restarted database: nothing acknowledged is lost, and the message says why."""

import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from analysis.errors import StoreError
from analysis.investigations import database
from analysis.investigations.database import Database
from analysis.investigations.item import ConflictError
from analysis.investigations.store import InvestigationStore
from tests.postgres import Postgres

RUN = "00112233445566ff"


def _put(store: InvestigationStore, text: str, subject: str = "x", expected: int = 0) -> None:
    store.put(RUN, "note", subject, {"text": text}, author="ada", expected=expected)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("READ_PATIENCE", "WRITE_PATIENCE", "BUSY_SECONDS"):
        monkeypatch.setattr(database, name, 0.1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A SQLite store with one note."""
    with InvestigationStore(f"sqlite:///{tmp_path / 'notes.sqlite'}") as store:
        _put(store, "one")
    return tmp_path / "notes.sqlite"


@pytest.mark.usefixtures("impatient")
def test_a_locked_file_can_be_read_and_says_that_it_is_locked(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with InvestigationStore(f"sqlite:///{file}") as store:
        with pytest.raises(StoreError, match="locked by another process"):
            _put(store, "two", expected=1)
        other.close()
        _put(store, "two", expected=1)


def test_a_lock_that_is_let_go_is_waited_for(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, other.close)
    timer.start()
    with InvestigationStore(f"sqlite:///{file}") as store:
        _put(store, "two", expected=1)
        assert store.last_change(RUN) == 2
    timer.join()


@contextmanager
def _nobody() -> Iterator[None]:
    """Without root's right to write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may look into, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("folder_too", [False, True])
def test_what_is_read_only_can_be_read(file: Path, open_folder: Path, folder_too: bool) -> None:
    copy = open_folder / "notes.sqlite"
    shutil.copy(file, copy)
    copy.chmod(0o444)
    open_folder.chmod(0o555 if folder_too else 0o777)
    with InvestigationStore(f"sqlite:///{copy}") as store, _nobody():
        assert [item.value for item in store.items(RUN, "note")] == [{"text": "one"}]
        with pytest.raises(StoreError, match=r"cannot be written|cannot be opened"):
            _put(store, "two", expected=1)
        assert store.last_change(RUN) == 1


@pytest.mark.usefixtures("impatient")
def test_a_folder_that_cannot_be_made_is_said(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with InvestigationStore(f"sqlite:///{open_folder}/a/notes.sqlite") as store, _nobody():
        assert store.items(RUN, "note") == []
        with pytest.raises(StoreError, match="FAULTLINE_DATABASE"):
            _put(store, "one")


def test_a_full_disk_keeps_what_was_saved(file: Path) -> None:
    with InvestigationStore(f"sqlite:///{file}") as store:

        def no_room(connection: Connection) -> None:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")

        writer: Engine = store._database._writer
        event.listen(writer, "begin", no_room, insert=True)
        with pytest.raises(StoreError, match="no space left"):
            _put(store, "x" * 100_000, "y")
        event.remove(writer, "begin", no_room)
        assert [item.value for item in store.items(RUN, "note")] == [{"text": "one"}]
        _put(store, "x" * 100_000, "y")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.sqlite").write_bytes(b"no database at all" * 1000)
    with InvestigationStore(f"sqlite:///{tmp_path / 'notes.sqlite'}") as store:
        with pytest.raises(StoreError, match=r"notes\.sqlite is damaged|notes\.sqlite, is damaged"):
            store.items(RUN, "note")
        with pytest.raises(StoreError, match="backup"):
            _put(store, "one")


def test_a_file_that_was_deleted_is_made_anew(file: Path) -> None:
    with InvestigationStore(f"sqlite:///{file}") as store:
        assert store.last_change(RUN) == 1
        for path in file.parent.glob("notes.sqlite*"):
            path.unlink()
        assert store.items(RUN, "note") == []
        _put(store, "again")
        assert store.last_change(RUN) == 1
    assert file.exists()


@pytest.mark.parametrize("url", ["mysql://a:secret@b/c", "secret", "sqlite://", "sqlite:///:memory:"])
def test_an_address_of_something_else_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StoreError, match="FAULTLINE_DATABASE") as caught:
        InvestigationStore(url)
    assert "secret" not in str(caught.value)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with InvestigationStore("postgresql://ada:secret@127.0.0.1:1/notes") as store:
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            store.items(RUN, "note")
        assert "secret" not in str(caught.value)


def test_a_database_that_is_not_there_is_said(postgres: Postgres) -> None:
    with (
        InvestigationStore(postgres.url("nowhere")) as store,
        pytest.raises(StoreError, match="does not let Faultline in"),
    ):
        store.items(RUN, "note")


def test_a_read_only_postgresql_can_be_read(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS read_only")
    url = f"{postgres.url()}?options=-csearch_path%3Dread_only"
    with InvestigationStore(url) as store:
        _put(store, "one")
    with InvestigationStore(f"{url}%20-cdefault_transaction_read_only%3Don") as store:
        assert store.last_change(RUN) == 1
        with pytest.raises(StoreError, match="cannot be written"):
            _put(store, "two", expected=1)


def test_a_success_that_was_not_heard_of_is_not_repeated(
    store: InvestigationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks after the transaction ended and before its answer came."""
    attempt, lost = Database._attempt, []

    def deaf(self: Database, engine: Engine, do: Callable[[Connection], object]) -> object:
        done = attempt(self, engine, do)
        if not lost:
            lost.append(done)
            raise OperationalError("COMMIT", None, _broken())
        return done

    monkeypatch.setattr(Database, "_attempt", deaf)
    item = store.put(RUN, "note", "x", {"text": "one"}, author="ada", expected=0)
    assert item is not None
    assert item.version == 1
    assert [change.number for change in store.history(RUN)] == [1]
    lost.clear()
    assert len(store.put_many(RUN, "triage", {"1": {}, "2": {}}, author="ada")) == 2
    assert store.last_change(RUN) == 3
    lost.clear()
    undone = store.undo(RUN, author="ada")
    assert undone is not None
    assert (undone.undoes, store.last_change(RUN)) == (2, 5)


def _broken() -> psycopg.OperationalError:
    return psycopg.OperationalError("server closed the connection unexpectedly")


def test_postgresql_restarted_during_edits_loses_nothing(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS restarted")
    url = f"{postgres.url()}?options=-csearch_path%3Drestarted"
    acknowledged: list[str] = []
    halfway = threading.Event()

    def write(author: str) -> None:
        with InvestigationStore(url) as store:
            for number in range(40):
                store.put(RUN, "note", f"{author} {number}", {"text": "x"}, author=author, expected=0)
                acknowledged.append(f"{author} {number}")
                if len(acknowledged) > 20:
                    halfway.set()

    threads = [threading.Thread(target=write, args=(name,)) for name in ("ada", "bob", "eve")]
    for thread in threads:
        thread.start()
    assert halfway.wait(timeout=60)
    postgres.stop()
    postgres.start()
    for thread in threads:
        thread.join()
    assert len(acknowledged) == 120
    with InvestigationStore(url) as store:
        assert sorted(item.subject for item in store.items(RUN, "note")) == sorted(acknowledged)
        assert [change.number for change in store.history(RUN)] == list(range(120, 0, -1))


def test_a_conflict_is_never_tried_again(store: InvestigationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(store, "one")
    monkeypatch.setattr(database.time, "sleep", lambda seconds: pytest.fail("waited"))
    with pytest.raises(ConflictError):
        _put(store, "two")
