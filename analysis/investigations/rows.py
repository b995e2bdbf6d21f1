"""Rows of the tables as items and changes."""

from typing import Any

from sqlalchemy import Row, func, select

from analysis.investigations.item import Change, Item
from analysis.investigations.schema import CHANGES
from analysis.investigations.values import decode

ITEM_KEY = ("run", "kind", "subject")
_LATER = CHANGES.alias("later")

# Every undoing (and every redoing) of a change names it, so it is undone while their number is odd.
IS_UNDONE = (
    select(func.count())
    .where(_LATER.c.run == CHANGES.c.run, _LATER.c.undoes == CHANGES.c.number, _LATER.c.aside == CHANGES.c.aside)
    .correlate(CHANGES)
    .scalar_subquery()
    % 2
    == 1
)


def item_of(row: Row[Any]) -> Item | None:
    """The item of a row; None where it was deleted."""
    fields = dict(row._mapping)
    value = decode(fields.pop("value"))
    return None if value is None else Item(**fields, value=value)


def change_of(row: Row[Any]) -> Change:
    """The change of a row of `CHANGES`, with or without a column `undone`."""
    fields = dict(row._mapping)
    fields["before"], fields["after"] = decode(fields["before"]), decode(fields["after"])
    fields["undone"], fields["aside"] = bool(fields.get("undone", False)), bool(fields["aside"])
    return Change(**fields)


def item_after(change: Change) -> Item | None:
    """The item as the change left it."""
    if change.after is None:
        return None
    return Item(
        run=change.run, kind=change.kind, subject=change.subject, value=change.after, version=change.version,
        author=change.author, at=change.at,
    )  # fmt: skip
