"""States that are designed, not left over: nothing here, not yet, not testable, not found."""

from collections.abc import Callable

import streamlit as st

from app import state
from app.queries import jobs
from app.widgets.text import escape_markdown


def empty(
    sentence: str, *, icon: str = ":material/inbox:", hint: str = "", action: Callable[[], None] | None = None
) -> None:
    """A calm card: an icon, one sentence, perhaps a hint and the button that helps (drawn by `action`).

    `sentence` and `hint` are markdown: escape data in them with `widgets.text.escape_markdown`.
    """
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        st.space("small")
        st.markdown(f"### {icon}", width="content")
        st.markdown(f"**{sentence}**", width="content", text_alignment="center")
        if hint:
            st.caption(hint, width="content", text_alignment="center")
        if action is not None:
            action()
        st.space("small")


def pending(what: str) -> None:
    """The run does not have `what` yet: it is still being computed, or was interrupted before."""
    if jobs.active_for(state.current_run().id) is not None:
        empty(
            f"{what} will appear here as soon as this run has computed it.",
            icon=":material/hourglass_top:",
            hint="The bar above shows how far the run is. Nothing needs to be done.",
        )
    else:
        empty(
            f"{what} is missing: this run was interrupted before it was computed.",
            icon=":material/hourglass_disabled:",
            hint="On the page Runs it can go on where it stopped; or use `python -m analysis run` with `--resume`.",
            action=lambda: state.page_link("runs", "Go to Runs", icon=":material/arrow_forward:"),
        )


def not_here(what: str, why: str) -> None:
    """The run can never have `what`; `why` says which input would change that."""
    empty(f"{what} is not available for this run.", icon=":material/block:", hint=why)


def no_old_list(what: str) -> None:
    """The run has no old/new split; say so instead of drawing half a chart."""
    empty(
        f"{what} needs the list of old classes, and this run was given none.",
        icon=":material/call_split:",
        hint="Start the investigation again with `classes.old` set: the names the model knew before it was expanded.",
    )


def unknown_in_link(kind: str, value: object, *, page: str, label: str) -> None:
    """A link names something that this run does not have: say so and offer this page without it."""
    empty(
        f"The link names {kind} “{escape_markdown(value)}”, which this run does not have.",
        icon=":material/link_off:",
        hint="The run may have been computed anew since the link was made, or a character got lost when it was copied.",
        action=lambda: state.whole_page_button(page, label),
    )
