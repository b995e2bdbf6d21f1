"""Databases that earlier versions wrote become the present one, whoever opens them first, and keep what is in them."""

import threading

import pytest
from sqlalchemy import Connection, text

from analysis.errors import StoreError
from analysis.investigations import schema
from analysis.investigations.database import Database
from analysis.investigations.schema import MIGRATIONS, VERSION, migrate
from analysis.investigations.store import InvestigationStore

RUN = "00112233445566ff"
_AS_WRITTEN_BY_VERSION_1 = (
    f"INSERT INTO faultline_runs VALUES ('{RUN}', 2)",
    f"INSERT INTO faultline_items VALUES ('{RUN}', 'note', 'class:1', '{{\"text\":\"two\"}}', 2, 'ada', 20.0)",
    "INSERT INTO faultline_changes (run, number, step, kind, subject, before, after, version, author, at, undoes) "
    "VALUES "
    f"('{RUN}', 1, 's1', 'note', 'class:1', NULL, '{{\"text\":\"one\"}}', 1, 'bob', 10.0, NULL), "
    f"('{RUN}', 2, 's2', 'note', 'class:1', '{{\"text\":\"one\"}}', '{{\"text\":\"two\"}}', 2, 'ada', 20.0, NULL)",
)


def _earlier(url: str, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a database as a given version left it."""

    def only_to(connection: Connection) -> None:
        migrate(connection, to=version)

    with monkeypatch.context() as patched:
        patched.setattr("analysis.investigations.database.migrate", only_to)
        made = Database(url)
        made.write(lambda connection: [connection.execute(text(line)) for line in _AS_WRITTEN_BY_VERSION_1])
        made.close()


def _check(store: InvestigationStore) -> None:
    item = store.get(RUN, "note", "class:1")
    assert item is not None
    assert (item.value, item.version, item.author) == ({"text": "two"}, 2, "ada")
    assert [(change.number, change.author, change.aside) for change in store.history(RUN)] == [
        (2, "ada", False), (1, "bob", False),
    ]  # fmt: skip


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_every_earlier_version_is_read_and_written(url: str, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _earlier(url, version, monkeypatch)
    with InvestigationStore(url) as store:
        _check(store)
        undone = store.undo(RUN, author="ada")
        assert undone is not None
        assert undone.after == {"text": "one"}
        store.put(RUN, "note", "class:1", {"text": "three"}, author="bob", expected=3)
        assert store.last_change(RUN) == 4


def test_many_that_open_an_earlier_version_at_once_upgrade_it_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _earlier(url, 1, monkeypatch)
    failed: list[BaseException] = []
    barrier = threading.Barrier(6)

    def open_it() -> None:
        barrier.wait()
        try:
            with InvestigationStore(url) as store:
                _check(store)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_later_version_is_refused_untouched(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE later (a INTEGER)",)))
        patched.setattr(schema, "VERSION", VERSION + 1)
        _earlier(url, VERSION + 1, patched)
    with InvestigationStore(url) as store, pytest.raises(StoreError, match=f"version {VERSION + 1}.*Update"):
        store.put(RUN, "note", "class:1", {"text": "x"}, author="ada", expected=2)


def test_the_tables_are_what_the_migrations_end_in(store: InvestigationStore) -> None:
    store.put(RUN, "note", "x", {}, author="ada", expected=0)

    def columns(connection: Connection) -> dict[str, list[str]]:
        return {
            table.name: list(connection.execute(text(f"SELECT * FROM {table.name}")).keys())
            for table in schema.METADATA.sorted_tables
        }

    found = store._database.read(columns, {})
    for table in schema.METADATA.sorted_tables:
        assert sorted(found[table.name]) == sorted(column.name for column in table.columns)
