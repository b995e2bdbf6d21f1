"""A conflict: what somebody else wrote stands beside what is in the box, and the person chooses."""

from collections.abc import Callable

import streamlit as st

from app.queries import investigations
from app.queries.investigations import Item
from app.widgets import draft
from app.widgets.draft import Slot
from app.widgets.signature import rival, signed


def beside_theirs(
    slot: Slot, current: Item | None, *, theirs: Callable[[Item], None], mine: Callable[[], None]
) -> None:
    """Draw the own draft and, once somebody else has changed the item, their version to its left.

    The draft's place among the elements is the same with and without theirs: a box that is moved to another place
    is a new box for the browser, and what was typed into the old one would be gone.

    Args:
        slot: What is written about.
        current: The item as it is now; None where it was deleted.
        theirs: Draws the item.
        mine: Draws the form with the draft.
    """
    conflict = draft.others_version(slot, current)
    with st.container(horizontal=True, gap="medium"):
        with st.container(width="stretch" if conflict else 1, key=slot.key("theirs"), border=conflict, gap="xsmall"):
            if conflict:
                _theirs(slot, current, theirs)
        with st.container(width="stretch", key=slot.key("mine"), gap="xsmall"):
            mine()


def _theirs(slot: Slot, current: Item | None, theirs: Callable[[Item], None]) -> None:
    st.markdown(f":orange[:material/group:] **{_who(slot, current)}**, while you were writing")
    if current is None:
        st.caption("It is not there any more. Saving yours brings it back.")
    else:
        theirs(current)
    st.button(
        "Keep this, drop mine", key=slot.key("keep_theirs"), type="tertiary", icon=":material/undo:",
        on_click=draft.drop, args=(slot,),
    )  # fmt: skip


def _who(slot: Slot, current: Item | None) -> str:
    if current is not None:
        return f"Changed by {signed(current.author, current.at, named=rival)}"
    last = investigations.history(slot.run, kind=slot.kind, subject=slot.subject, limit=1)
    return f"Deleted by {signed(last[0].author, last[0].at, named=rival)}" if last else "Deleted"
