"""What people did to the clusters of a run, in order; each edit is an item of the run's investigation."""

from dataclasses import dataclass

from analysis.investigations.item import Change, ConflictError, Item
from analysis.reports.cluster_edits import Edit, edit_of, value_of
from app import people
from app.queries import investigations
from app.queries.runs import RunKey

KIND = "cluster"
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An edit, and the item that keeps it."""

    edit: Edit
    item: Item


def made(key: RunKey, clustering: str) -> list[Made]:
    """The edits of a clustering in order; what is no edit (from a later version) is left out.

    Args:
        key: The run.
        clustering: Name of one that is kept beside the run's own, "" for the run's own.

    Raises:
        StoreError: If the database cannot be read.
    """
    found = []
    for item in investigations.items(key, KIND):
        if item.subject.startswith(_start(clustering)):
            try:
                found.append(Made(edit=edit_of(item.value), item=item))
            except ValueError:
                continue
    return found


def add(key: RunKey, clustering: str, edit: Edit) -> None:
    """Append an edit; where somebody else appended one at the same moment, after that.

    Raises:
        StoreError: If it cannot be saved, or the person may only look.
    """
    for attempt in range(_TRIES):
        numbers = [_number(change.item.subject) for change in made(key, clustering)]
        subject = f"{_start(clustering)}{max(numbers, default=0) + 1 + attempt:06d}"
        try:
            investigations.put(key, KIND, subject, value_of(edit), expected=0)
            return
        except ConflictError:
            if attempt == _TRIES - 1:
                raise


def undo(key: RunKey, clustering: str) -> Change | None:
    """Take back the person's own last edit of this clustering; None where there is none.

    Raises:
        StoreError: If it cannot be saved, or the person may only look.
    """
    last = last_own(key, clustering)
    return None if last is None else investigations.undo(key, (KIND,), number=last.number)


def last_own(key: RunKey, clustering: str) -> Change | None:
    """The person's own last edit of this clustering that still stands."""
    standing = {change.item.subject: change.item.version for change in made(key, clustering)}
    name = people.current().name
    for change in investigations.history(key, kind=KIND):
        if change.author == name and standing.get(change.subject) == change.version and change.after is not None:
            return change
    return None


def _start(clustering: str) -> str:
    return f"{clustering or 'run'}/"


def _number(subject: str) -> int:
    tail = subject.rpartition("/")[2]
    return int(tail) if tail.isdecimal() else 0
