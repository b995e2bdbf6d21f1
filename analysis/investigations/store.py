"""The store of what people add to runs: nothing is overwritten unseen, and every change stays in the history."""

import itertools
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Self

from sqlalchemy import Connection, select

from analysis.investigations.database import Database
from analysis.investigations.item import Change, ConflictError, Item, Value
from analysis.investigations.merging import Merged, merge
from analysis.investigations.rows import IS_UNDONE, change_of, item_after, item_of
from analysis.investigations.schema import CHANGES, ITEMS
from analysis.investigations.step import Step, last_change
from analysis.investigations.undoing import steps_back
from analysis.investigations.values import check_name, encode


class InvestigationStore:
    """Items and their history, in one database. Any thread may use it, and any number of processes the same database.

    `run` is always a run's identity (`analysis.runs.identity.run_identity`), so what was added survives a renamed or
    copied folder. Every method raises `StoreError` where the database cannot be read or written; a change for which a
    method has returned is on disk.
    """

    def __init__(self, url: str) -> None:
        """Take the database's address; nothing is opened or made yet.

        Args:
            url: ``sqlite:///FILE``, or ``postgresql://USER@HOST/NAME``; see `analysis.investigations.address`.

        Raises:
            StoreError: If it is neither.
        """
        self._database = Database(url)

    @property
    def name(self) -> str:
        """The address without its password."""
        return self._database.name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections; a later call opens new ones."""
        self._database.close()

    def get(self, run: str, kind: str, subject: str) -> Item | None:
        """One item as it is now."""

        def ask(connection: Connection) -> Item | None:
            row = connection.execute(
                select(ITEMS).where(ITEMS.c.run == run, ITEMS.c.kind == kind, ITEMS.c.subject == subject)
            ).first()
            return None if row is None else item_of(row)

        return self._database.read(ask, None)

    def items(self, run: str, kind: str) -> list[Item]:
        """All items of a kind, by subject."""

        def ask(connection: Connection) -> list[Item]:
            rows = connection.execute(
                select(ITEMS).where(ITEMS.c.run == run, ITEMS.c.kind == kind, ITEMS.c.value.is_not(None))
            )
            # Sorted here: databases sort by the rules of their own language settings.
            return sorted(filter(None, map(item_of, rows)), key=lambda item: item.subject)

        return self._database.read(ask, [])

    def put(self, run: str, kind: str, subject: str, value: Value | None, *, author: str, expected: int) -> Item | None:
        """Add, change or delete an item, unless somebody else has changed it since it was read.

        Writing the value that stands there already changes nothing and is no conflict.

        Args:
            run: Identity of the run.
            kind: Of the item.
            subject: What it is about.
            value: The new value, any JSON object; None deletes the item.
            author: Who does it.
            expected: Version of the item that the person saw; 0 where there was none.

        Returns:
            The item as it is now; None after a deletion.

        Raises:
            ConflictError: If the item's version is another; it carries the item as it is now, and nothing is saved.
            StoreError: If the value is too large or no JSON, or the database cannot be written.
        """
        text = encode(value)

        def do(step: Step) -> None:
            row = step.rows(kind, [subject]).get(subject)
            found = None if row is None else item_of(row)
            if (None if row is None else row.value) != text and (found.version if found else 0) != expected:
                raise ConflictError(found)
            if not step.change(kind, {subject: text}):
                unchanged.append(found)

        unchanged: list[Item | None] = []
        written = self._step(run, author, do, {kind: [subject]})
        return item_after(written[0]) if written else unchanged[-1]

    def put_many(self, run: str, kind: str, values: Mapping[str, Value | None], *, author: str) -> list[Item]:
        """Change many items as one step, whoever changed them before (for tags, where the last one wins).

        Args:
            run: Identity of the run.
            kind: Of the items.
            values: New value by subject; None deletes.
            author: Who does it.

        Returns:
            The items that are different now, without the deleted ones.
        """
        texts = {subject: encode(value) for subject, value in values.items()}
        written = self._step(run, author, lambda step: step.change(kind, texts), {kind: texts})
        return [item for item in map(item_after, written) if item is not None]

    def undo(
        self, run: str, *, author: str, kinds: Collection[str] | None = None, number: int | None = None
    ) -> Change | None:
        """Take back the author's last step that nobody has changed since; that is a change too, with its own history.

        Of a step of many changes those are taken back that nobody has changed since. Calling it again goes one step
        further back. With `number` it takes back the step of that change; of a change that is an undoing itself, it
        makes the step anew.

        Args:
            run: Identity of the run.
            author: Who does it; only own steps are taken back.
            kinds: Look at these kinds only.
            number: Of the change to take back, instead of the last one.

        Returns:
            The first change that this made; None if the author has nothing to take back.

        Raises:
            ConflictError: If everything that could be taken back was changed by others since; it carries the item as
                it is now, and nothing is done.
        """
        written = self._step(run, author, lambda step: steps_back(step, kinds, number), {})
        return written[0] if written else None

    def history(
        self, run: str, *, kind: str | None = None, subject: str | None = None, limit: int | None = 200
    ) -> list[Change]:
        """Changes, newest first, in the order in which they came here (clocks jump, numbers do not); None = all."""

        def ask(connection: Connection) -> list[Change]:
            asked = select(CHANGES, IS_UNDONE.label("undone")).where(CHANGES.c.run == run)
            if kind is not None:
                asked = asked.where(CHANGES.c.kind == kind)
            if subject is not None:
                asked = asked.where(CHANGES.c.subject == subject)
            rows = connection.execute(asked.order_by(CHANGES.c.number.desc()).limit(limit))
            return [change_of(row) for row in rows]

        return self._database.read(ask, [])

    def merge(self, run: str, changes: Sequence[Change]) -> Merged:
        """Add what was made elsewhere to the run; what is newer here, or changed on both sides, stays as it is here.

        Merging the same changes again does nothing. Every change ends up in the history, so no word is lost.

        Args:
            run: Identity of the run.
            changes: The whole history of the other side, in any order.
        """
        merged: list[Merged] = []
        names = {change.kind: [one.subject for one in changes if one.kind == change.kind] for change in changes}
        self._step(run, "import", lambda step: merged.append(merge(step, changes)), names)
        return merged[-1]

    def last_change(self, run: str) -> int:
        """Number of the run's newest change, 0 where there is none; it grows whenever anything changes."""
        return self._database.read(lambda connection: last_change(connection, run), 0)

    def _step(
        self, run: str, author: str, do: Callable[[Step], object], names: Mapping[str, Collection[str]]
    ) -> list[Change]:
        check_name("run", run)
        check_name("author", author)
        for kind, subjects in names.items():
            check_name("kind", kind)
            for subject in subjects:
                check_name("subject", subject)
        token, attempts = uuid.uuid4().hex, itertools.count()

        def attempt(connection: Connection) -> list[Change]:
            step = Step(connection, run=run, author=author, token=token)
            done = step.done_before() if next(attempts) else []
            if not done:
                do(step)
            return done or step.written

        return self._database.write(attempt)
