"""What the store keeps: items, which people change, and changes, which nobody does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.errors import StoreError

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something a person added, as it is now.

    Attributes:
        run: Identity of the run it belongs to (`analysis.runs.identity`).
        kind: ``verdict``, ``note``, ``triage``, ``cluster``, ``slice``, ``view`` or ``follow_up``.
        subject: What it is about, unique within its kind: a hypothesis id, ``cluster:3``, a sample_id, a name.
        value: What was added.
        version: Grows by one with every change, from 1; also over a deletion, so that it never comes twice.
        author: Who changed it last.
        at: When, in seconds since 1970 (UTC) by the clock of the author's machine. Clocks jump: order by version.
    """

    run: str
    kind: str
    subject: str
    value: Value
    version: int
    author: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one item; the table of changes is only ever added to.

    Attributes:
        number: Grows by one with every change of the run, in the order in which they became visible.
        run, kind, subject: The item.
        before, after: Its values; None where it did not exist.
        version: The item's version after the change.
        author, at: As in `Item`.
        step: Shared by the changes that were made, and are undone, together.
        undoes: Number of the change that this one undoes (or redoes), else None.
        undone: Whether it is undone at present.
        aside: It was made elsewhere and came with an import, but something else stood here: kept in the history only.
    """

    number: int
    run: str
    kind: str
    subject: str
    before: Value | None
    after: Value | None
    version: int
    author: str
    at: float
    step: str
    undoes: int | None = None
    undone: bool = False
    aside: bool = False


class ConflictError(StoreError):
    """Somebody else changed the item since it was read.

    Attributes:
        current: The item as it is now, so that both versions can be shown; None where it was deleted.
    """

    def __init__(self, current: Item | None) -> None:
        super().__init__(current)  # all that a worker process needs to make it again
        self.current = current

    def __str__(self) -> str:
        if self.current is None:
            return "It was deleted by somebody else in the meantime; nothing was saved. Save again to bring it back."
        return (
            f"{self.current.author} changed it in the meantime; nothing was saved. Look at both versions, then choose."
        )
