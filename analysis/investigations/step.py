"""One step: changes that become visible together, in a transaction of their own."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from analysis.investigations.item import Change
from analysis.investigations.rows import ITEM_KEY, change_of
from analysis.investigations.schema import CHANGES, ITEMS, RUNS
from analysis.investigations.values import decode

CHUNK = 500  # names in one question


class Step:
    """Writes changes of one run. While it is open no other step of that run can begin: numbers have no gaps."""

    def __init__(self, connection: Connection, *, run: str, author: str, token: str) -> None:
        """Wait for the steps before this one.

        Args:
            connection: In a writing transaction.
            run: Identity of the run.
            author: Whose step it is.
            token: Name of the step, unlike any other.
        """
        self.connection, self.run, self.author, self.token = connection, run, author, token
        self.at = time.time()
        self.written: list[Change] = []
        self._last = self._locked()

    def _locked(self) -> int:
        """Lock the run's row and return its counter; makes the row where it is not there."""
        lock = select(RUNS.c.last_change).where(RUNS.c.run == self.run).with_for_update()
        found = self.connection.execute(lock).scalar()
        if found is None:
            make = postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert
            self.connection.execute(make(RUNS).values(run=self.run, last_change=0).on_conflict_do_nothing())
            found = self.connection.execute(lock).scalar_one()
        return int(found)

    def done_before(self) -> list[Change]:
        """What this very step has written, where an earlier attempt succeeded without learning of it."""
        mine = select(CHANGES).where(CHANGES.c.run == self.run, CHANGES.c.step == self.token).order_by(CHANGES.c.number)
        return [change_of(row) for row in self.connection.execute(mine)]

    def rows(self, kind: str, subjects: Sequence[str]) -> dict[str, Row[Any]]:
        """Rows of items by subject; deleted ones too, without a value."""
        found = {}
        for start in range(0, len(subjects), CHUNK):
            some = subjects[start : start + CHUNK]
            asked = select(ITEMS).where(ITEMS.c.run == self.run, ITEMS.c.kind == kind, ITEMS.c.subject.in_(some))
            found.update({row.subject: row for row in self.connection.execute(asked)})
        return found

    def change(self, kind: str, values: dict[str, str | None], *, undoes: dict[str, int] | None = None) -> list[Change]:
        """Give items new values and write down what they were; what has its value already is left alone.

        Args:
            kind: Of the items.
            values: JSON text by subject; None deletes.
            undoes: Number of the change that each is the undoing of.
        """
        present = self.rows(kind, list(values))
        items: list[dict[str, Any]] = []
        changes: list[dict[str, Any]] = []
        for subject, after in values.items():
            row = present.get(subject)
            before = None if row is None else row.value
            if before == after:
                continue
            key = {"run": self.run, "kind": kind, "subject": subject}
            signed = {"version": 1 if row is None else row.version + 1, "author": self.author, "at": self.at}
            number = self.next_number()
            items.append({**key, "value": after, **signed})
            changes.append(
                {**key, "number": number, "step": self.token, "before": before, "after": after, **signed,
                 "undoes": (undoes or {}).get(subject), "aside": 0}
            )  # fmt: skip
        self.write(items, changes)
        done = [
            Change(**{**row, "before": decode(row["before"]), "after": decode(row["after"]), "aside": False})
            for row in changes
        ]
        self.written += done
        return done

    def next_number(self) -> int:
        """The number of the change that is written next."""
        self._last += 1
        return self._last

    def write(self, items: list[dict[str, Any]], changes: list[dict[str, Any]]) -> None:
        """Put rows into the two tables: items as they are now, and the changes, numbered, that made them so."""
        if items:
            self._write_items(items)
        if changes:
            self.connection.execute(insert(CHANGES), changes)
            self.connection.execute(update(RUNS).where(RUNS.c.run == self.run).values(last_change=self._last))

    def _write_items(self, items: list[dict[str, Any]]) -> None:
        make = postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert
        statement = make(ITEMS)
        new = {name: statement.excluded[name] for name in ("value", "version", "author", "at")}
        self.connection.execute(statement.on_conflict_do_update(index_elements=ITEM_KEY, set_=new), items)


def last_change(connection: Connection, run: str) -> int:
    """Number of the run's newest change, 0 where there is none."""
    found = connection.execute(select(func.max(RUNS.c.last_change)).where(RUNS.c.run == run)).scalar()
    return int(found or 0)
