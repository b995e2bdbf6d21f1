"""What people added to a run, and adding to it; signed with the name of the session's person."""

from collections.abc import Collection, Mapping

import streamlit as st

from analysis.errors import StoreError
from analysis.investigations.address import database_url
from analysis.investigations.item import Change, ConflictError, Item, Value
from analysis.investigations.note_html import note_html as library_note_html
from analysis.investigations.store import InvestigationStore
from analysis.runs.identity import run_identity
from app import people
from app.queries import runs
from app.queries.roots import runs_root
from app.queries.runs import RunKey

__all__ = ["Change", "ConflictError", "Item", "StoreError"]  # what callers meet


def items(key: RunKey, kind: str) -> list[Item]:
    """All items of a kind as they are now, by subject; read again only when something has changed.

    Raises:
        StoreError: If the database cannot be read.
    """
    return _items(store().name, identity(key), kind, last_change(key))


def item(key: RunKey, kind: str, subject: str) -> Item | None:
    """One item as it is now."""
    return next((found for found in items(key, kind) if found.subject == subject), None)


def said(key: RunKey) -> list[Item]:
    """Own verdicts and notes, for the report."""
    return [*items(key, "verdict"), *items(key, "note")]


def put(key: RunKey, kind: str, subject: str, value: Value | None, *, expected: int) -> Item | None:
    """Add, change or (None) delete an item; `expected` is the version that the person saw, 0 where there was none.

    Raises:
        ConflictError: If somebody changed it since; `.current` is what is there now. Show both, lose no word.
        StoreError: If it cannot be saved, or the person may only look.
    """
    return store().put(identity(key), kind, subject, value, author=_author(), expected=expected)


def put_many(key: RunKey, kind: str, values: Mapping[str, Value | None]) -> list[Item]:
    """Change many items as one step that is undone as one; the last writer wins.

    Raises:
        StoreError: If it cannot be saved, or the person may only look.
    """
    return store().put_many(identity(key), kind, values, author=_author())


def undo(key: RunKey, kinds: Collection[str] | None = None, *, number: int | None = None) -> Change | None:
    """Take back the person's own last step of these kinds that nobody changed since; None where there is none.

    With `number`, the step of that change of the history instead; of an undoing: make it anew.

    Raises:
        ConflictError: If others have changed it since; nothing was done.
        StoreError: If it cannot be saved, or the person may only look.
    """
    return store().undo(identity(key), author=_author(), kinds=kinds, number=number)


def history(key: RunKey, *, kind: str | None = None, subject: str | None = None, limit: int = 200) -> list[Change]:
    """Changes, newest first."""
    return _history(store().name, identity(key), kind, subject, limit, last_change(key))


def last_own(key: RunKey, kinds: Collection[str]) -> Change | None:
    """The person's own last change of these kinds, where it still stands: what `undo` with its number takes back.

    Raises:
        StoreError: If the database cannot be read.
    """
    name = people.current().name
    made = [
        next((one for one in history(key, kind=kind) if one.author == name and not (one.undone or one.aside)), None)
        for kind in kinds
    ]
    last = max(filter(None, made), key=lambda change: change.number, default=None)
    if last is None or last.undoes is not None:
        return None
    there = item(key, last.kind, last.subject)
    is_there = there is None if last.after is None else there is not None and there.version == last.version
    return last if is_there else None


def last_change(key: RunKey) -> int:
    """A number that grows with every change of anything people added to the run; cheap to ask every few seconds."""
    return store().last_change(identity(key))


def changes_of(run: str) -> int:
    """How often anything was added or changed for the run of this identity, whether or not it is here."""
    return store().last_change(run)


def identity(key: RunKey) -> str:
    """Name of the run by its content; copies and renamed folders share it."""
    return _identity(key)


@st.cache_resource(max_entries=64, show_spinner=False)
def _identity(key: RunKey) -> str:  # every page asks for it a dozen times, and a list of classes can be long
    return run_identity(runs.meta(key))


def store() -> InvestigationStore:
    """The store of the current runs root, or of the team's database."""
    return _store(database_url(runs_root()))


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(url: str) -> InvestigationStore:
    return InvestigationStore(url)


@st.cache_resource(max_entries=256, show_spinner=False)
def _items(
    database: str, run: str, kind: str, change: int
) -> list[Item]:  # all but `run` and `kind` only key the cache
    return store().items(run, kind)


@st.cache_resource(max_entries=256, show_spinner=False)
def _history(  # noqa: PLR0917 - all of them key the cache
    database: str, run: str, kind: str | None, subject: str | None, limit: int, change: int
) -> list[Change]:
    return store().history(run, kind=kind, subject=subject, limit=limit)


@st.cache_resource(max_entries=512, show_spinner=False)
def note_html(markdown: str) -> str:
    """A note's Markdown as HTML that can do no harm."""
    return library_note_html(markdown)


def _author() -> str:
    person = people.current()
    if not person.may_edit:
        raise StoreError("Only editors can change things here; you can look and export. Nothing was saved.")
    return person.name
