"""A conflict: what somebody else wrote stands beside what is in the box, and the person chooses."""

from collections.abc import Callable

import streamlit as st

from app.queries import investigations
from app.queries.investigations import Item
from app.widgets import draft
from app.widgets.draft import Slot
from app.widgets.signature import signed


def both_versions(
    slot: Slot, current: Item | None, *, theirs: Callable[[Item], None], mine: Callable[[], None]
) -> None:
    """Draw their version on the left and the own draft on the right.

    Args:
        slot: What is written about.
        current: The item as it is now; None where it was deleted.
        theirs: Draws the item.
        mine: Draws the form with the draft.
    """
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key=slot.key("theirs"), gap="xsmall"):
        st.markdown(f":orange[:material/group:] **{_who(slot, current)}** while you were writing")
        if current is None:
            st.caption("It is not there any more. Saving yours brings it back.")
        else:
            theirs(current)
        st.button(
            "Keep this, drop mine", key=slot.key("keep_theirs"), type="tertiary", icon=":material/undo:",
            on_click=draft.drop, args=(slot,),
        )  # fmt: skip
    with right:
        mine()


def _who(slot: Slot, current: Item | None) -> str:
    if current is not None:
        return f"{signed(current.author, current.at)}, changed this"
    last = investigations.history(slot.run, kind=slot.kind, subject=slot.subject, limit=1)
    return f"{signed(last[0].author, last[0].at)}, deleted this" if last else "Somebody deleted this"
