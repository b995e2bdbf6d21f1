"""Taking back the last thing that a person saved or deleted by name."""

from collections.abc import Mapping

import streamlit as st

from app import people
from app.queries import investigations
from app.queries.investigations import Change, ConflictError, StoreError
from app.queries.runs import RunKey
from app.widgets.text import escape_markdown


def undo_last(key: RunKey, kinds: Mapping[str, str], *, name: str) -> None:
    """Draw the button; nothing where the person's last change of these kinds does not stand any more.

    Args:
        key: The run.
        kinds: Kinds of items, and what people call them.
        name: Of the button, unique on the page.
    """
    try:
        last = investigations.last_own(key, tuple(kinds))
    except StoreError:
        return  # whoever shows the items says so
    problem = st.session_state.pop(f"{name}_problem", None)  # no toast: in a fragment a callback cannot show one
    if problem is not None:
        st.caption(f":material/info: {escape_markdown(problem)}")
    if last is not None:
        st.button(
            f"Undo: {_did(last)} {kinds[last.kind]} “{escape_markdown(last.subject)}”", icon=":material/undo:",
            type="tertiary", key=name, disabled=not people.current().may_edit, on_click=_undo, 
            args=(key, last.number, name),
        )  # fmt: skip


def _did(change: Change) -> str:
    if change.after is None:
        return "deleted"
    return "saved" if change.before is None else "changed"


def _undo(key: RunKey, number: int, name: str) -> None:
    try:
        investigations.undo(key, number=number)
    except ConflictError:
        st.session_state[f"{name}_problem"] = "Not undone: somebody else changed it since."
    except StoreError as error:
        st.session_state[f"{name}_problem"] = str(error)
