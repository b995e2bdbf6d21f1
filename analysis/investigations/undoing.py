"""Taking steps back: by a change that is the opposite of an earlier one, never by removing what others did since."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select

from analysis.errors import StoreError
from analysis.investigations.item import ConflictError, Item
from analysis.investigations.rows import IS_UNDONE, item_of
from analysis.investigations.schema import CHANGES, ITEMS
from analysis.investigations.step import Step

_SINCE = CHANGES.alias("since")
_ITS_UNDOINGS = CHANGES.alias("its_undoings")
_UNDOINGS_SINCE = (
    select(func.count())
    .where(_ITS_UNDOINGS.c.run == _SINCE.c.run, _ITS_UNDOINGS.c.undoes == _SINCE.c.number)
    .correlate(_SINCE)
    .scalar_subquery()
)
# Nobody, the author included, has made a later change to the item that still holds.
_CHANGED_SINCE = (
    select(_SINCE.c.number)
    .where(
        _SINCE.c.run == CHANGES.c.run, _SINCE.c.kind == CHANGES.c.kind, _SINCE.c.subject == CHANGES.c.subject,
        _SINCE.c.number > CHANGES.c.number, _SINCE.c.undoes.is_(None), _UNDOINGS_SINCE % 2 == 0,
    )
    .correlate(CHANGES)
    .exists()
)  # fmt: skip


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
    movable = step.connection.execute(of_step.where(_stands(redo)).order_by(CHANGES.c.number)).all()
    if not movable:
        raise ConflictError(_current(step, original))
    for kind in dict.fromkeys(row.kind for row in movable):
        rows = [row for row in movable if row.kind == kind]
        values = {row.subject: row.after if redo else row.before for row in rows}
        step.change(kind, values, undoes={row.subject: row.number for row in rows})


def _own(step: Step) -> Select[Any]:
    return select(CHANGES).where(CHANGES.c.run == step.run, CHANGES.c.author == step.author, CHANGES.c.undoes.is_(None))


def _stands(redo: bool) -> ColumnElement[bool]:
    """The item has the value that the change (or its undoing) left, and no later change holds."""
    left = CHANGES.c.before if redo else CHANGES.c.after
    same = or_(ITEMS.c.value == left, and_(ITEMS.c.value.is_(None), left.is_(None)))
    item = and_(ITEMS.c.run == CHANGES.c.run, ITEMS.c.kind == CHANGES.c.kind, ITEMS.c.subject == CHANGES.c.subject)
    return and_(not_(_CHANGED_SINCE), select(ITEMS.c.run).where(item, same).correlate(CHANGES).exists())


def _last(step: Step, kinds: Collection[str] | None) -> Row[Any] | None:
    own = _own(step).where(not_(IS_UNDONE)).order_by(CHANGES.c.number.desc()).limit(1)
    if kinds is not None:
        own = own.where(CHANGES.c.kind.in_(list(kinds)))
    found = step.connection.execute(own.where(_stands(redo=False))).first()
    return found if found is not None else step.connection.execute(own).first()


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
