"""Who changed what, newest first, and taking own steps back."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from app import people
from app.own_verdict import difference
from app.queries import investigations
from app.queries.investigations import Change, ConflictError, StoreError
from app.widgets.draft import Slot
from app.widgets.signature import signed, who
from app.widgets.text import escape_markdown

_LINES = 50
_SHOWN = 100  # characters of a note


def history(slots: Sequence[Slot]) -> None:
    """Draw a button that opens the history of some items; nothing where there is none yet.

    Args:
        slots: Items whose changes are told together.
    """
    with suppress(StoreError):  # whoever shows the items says so
        changes = [
            (slot, change)
            for slot in slots
            for change in investigations.history(slot.run, kind=slot.kind, subject=slot.subject, limit=_LINES)
        ]
        if not changes:
            return
        with st.popover("History", type="tertiary", icon=":material/history:", key=slots[0].key("history")):
            for slot, change in sorted(changes, key=lambda pair: -pair[1].number):
                _line(slot, change)


def _line(slot: Slot, change: Change) -> None:
    person = people.current()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=slot.key(f"step{change.number}")):
        said = _said(change)
        struck = f":gray[~~{said}~~]" if change.undone else said
        st.markdown(f"{signed(change.author, change.at)}: {struck}", width="stretch")
        if change.author == person.name and not change.undone and not change.aside:
            st.button(
                "Redo" if change.undoes is not None else "Undo", key=slot.key(f"undo{change.number}"), type="tertiary",
                disabled=not person.may_edit, on_click=undo, args=(slot, change.number),
            )  # fmt: skip
    if len(_text(change)) > _SHOWN:
        with st.expander("The whole text"):
            st.code(_text(change), language=None, wrap_lines=True)


def _text(change: Change) -> str:
    return str((change.after or {}).get("text") or "")


def undo(slot: Slot, number: int) -> None:
    """Take a step back; for callbacks. What others did since stays, and a message says so."""
    try:
        investigations.undo(slot.run, number=number)
    except ConflictError as conflict:
        other = who(conflict.current.author) if conflict.current else "somebody else"
        st.toast(f"Not undone: changed since by {other}.", icon=":material/group:")
    except StoreError as error:
        st.toast(escape_markdown(error), icon=":material/error:")


def _said(change: Change) -> str:
    """What a change did, in markdown."""
    took_back = "in another copy: " if change.aside else ""
    took_back += "took it back: " if change.undoes is not None else ""
    if change.kind == "verdict":
        return took_back + escape_markdown(", ".join(difference(change.before, change.after)))
    if change.after is None:
        return took_back + "deleted the note"
    text = " ".join(_text(change).split())
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    verb = "wrote" if change.before is None else "changed the note to"
    return f"{took_back}{verb} “{escape_markdown(shown)}”"
