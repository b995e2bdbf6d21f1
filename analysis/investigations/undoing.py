"""Taking steps back: by a change that is the opposite of an earlier one, never by removing what others did since."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, not_, select

from analysis.errors import StoreError
from analysis.investigations.item import ConflictError, Item
from analysis.investigations.rows import IS_UNDONE, item_of
from analysis.investigations.schema import CHANGES
from analysis.investigations.step import CHUNK, Step


def steps_back(step: Step, kinds: Collection[str] | None, number: int | None) -> None:
    """Write the opposites of the author's last step that can be taken back, or of the step of one change.

    Raises:
        ConflictError: If others have changed all of it since.
        StoreError: If `number` names no change of the author's that holds.
    """
    original, redo = (_last(step, kinds), False) if number is None else _named(step, number)
    if original is None:
        return
    of_step = _own(step).where(CHANGES.c.step == original.step, IS_UNDONE if redo else not_(IS_UNDONE))
    movable = _standing(step, step.connection.execute(of_step.order_by(CHANGES.c.number)).all(), redo=redo)
    if not movable:
        raise ConflictError(_current(step, original))
    for kind in dict.fromkeys(row.kind for row in movable):
        rows = [row for row in movable if row.kind == kind]
        values = {row.subject: row.after if redo else row.before for row in rows}
        step.change(kind, values, undoes={row.subject: row.number for row in rows})


def _own(step: Step) -> Select[Any]:
    return select(CHANGES).where(
        CHANGES.c.run == step.run, CHANGES.c.author == step.author, CHANGES.c.undoes.is_(None), CHANGES.c.aside == 0
    )


def _standing(step: Step, rows: Sequence[Row[Any]], *, redo: bool) -> list[Row[Any]]:
    """Those of some changes whose items have the value that the change (or its undoing) left, unchanged since.

    The databases could answer this themselves, but PostgreSQL takes seconds where it has no statistics yet.
    """
    kept: list[Row[Any]] = []
    for kind in dict.fromkeys(row.kind for row in rows):
        of_kind = [row for row in rows if row.kind == kind]
        for start in range(0, len(of_kind), CHUNK):
            some = of_kind[start : start + CHUNK]
            items, holding = step.rows(kind, [row.subject for row in some]), _holding(step, kind, some)
            kept += [
                row
                for row in some
                if holding.get(row.subject, 0) <= row.number
                and items[row.subject].value == (row.before if redo else row.after)
            ]
    return kept


def _holding(step: Step, kind: str, rows: Sequence[Row[Any]]) -> dict[str, int]:
    """Number of the last change of each item that nobody took back, the author's own included."""
    since = select(CHANGES.c.number, CHANGES.c.subject, CHANGES.c.undoes).where(
        CHANGES.c.run == step.run, CHANGES.c.kind == kind, CHANGES.c.subject.in_([row.subject for row in rows]),
        CHANGES.c.number >= min(row.number for row in rows), CHANGES.c.aside == 0,
    )  # fmt: skip
    found = step.connection.execute(since.order_by(CHANGES.c.number)).all()
    taken_back = Counter(row.undoes for row in found)
    return {row.subject: row.number for row in found if row.undoes is None and taken_back[row.number] % 2 == 0}


def _last(step: Step, kinds: Collection[str] | None) -> Row[Any] | None:
    """The author's newest change that can be taken back; where none can, the newest that was not."""
    own = _own(step).where(not_(IS_UNDONE)).order_by(CHANGES.c.number.desc())
    if kinds is not None:
        own = own.where(CHANGES.c.kind.in_(list(kinds)))
    newest: Row[Any] | None = None
    page = step.connection.execute(own.limit(1)).all()
    while page:
        newest = newest or page[0]
        standing = _standing(step, page, redo=False)
        if standing:
            return max(standing, key=lambda row: int(row.number))
        page = step.connection.execute(own.where(CHANGES.c.number < page[-1].number).limit(CHUNK)).all()
    return newest


def _named(step: Step, number: int) -> tuple[Row[Any], bool]:
    """The change that a number means, and whether it is to be made anew."""
    named = step.connection.execute(
        select(CHANGES.c.undoes).where(CHANGES.c.run == step.run, CHANGES.c.number == number)
    ).first()
    redo = named is not None and named.undoes is not None
    original = named.undoes if named is not None and redo else number
    asked = _own(step).where(CHANGES.c.number == original, IS_UNDONE if redo else not_(IS_UNDONE))
    found = step.connection.execute(asked).first()
    if found is None:
        raise StoreError("This step cannot be taken back: it has been already, or it is somebody else's.")
    return found, redo


def _current(step: Step, row: Row[Any]) -> Item | None:
    found = step.rows(row.kind, [row.subject]).get(row.subject)
    return None if found is None else item_of(found)
