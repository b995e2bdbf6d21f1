"""The filter box above every page: an expression, how many samples pass it, and what is wrong with it."""

import streamlit as st

from analysis.expressions.error import ExpressionError
from app import state
from app.filter_words import SYNTAX
from app.queries import filters, runs
from app.queries.runs import RunKey
from app.widgets.text import count, escape_markdown

RECENT = "recent_filters"
WHOLE = frozenset({"overview", "checklist", "runs"})  # pages that the filter does not change
_KEPT = 8


def filter_bar(key: RunKey) -> None:
    """Draw the bar; it stands in the header of every page, so that the filter travels with the person."""
    with st.container(horizontal=True, vertical_alignment="center", key="filter_bar"):
        st.text_input(
            "Filter samples", key=state.WHERE, bind="query-params", type="search", icon=":material/filter_alt:",
            label_visibility="collapsed", placeholder='Filter samples: label = "cat" and loss > 2', max_chars=8_000,
            on_change=_remember, width="stretch",
        )  # fmt: skip
        found = filters.answer(key, filters.current())
        if found.mask is not None:
            st.markdown(f"**{found.passing:,}** of {count(found.total, 'sample')} pass", width="content")
        _help(key)
    if found.error is not None:
        _wrong(found.error)
    elif found.remarks:
        st.caption(escape_markdown(" ".join(found.remarks)))


def not_filtered(page: str) -> None:
    """Say that the filter does not change this page, where one is set."""
    if page in WHOLE and filters.current():
        st.caption(":material/filter_alt_off: This page is about all samples; the filter above does not change it.")


def filter_by(text: str) -> None:
    """Set the filter; for callbacks of buttons on any page."""
    st.session_state[state.WHERE] = text
    _remember()


def _remember() -> None:
    text = filters.current()
    st.session_state["ex_page"] = 1
    recent = [one for one in st.session_state.get(RECENT, []) if one != text]
    st.session_state[RECENT] = ([text] if text else []) + recent[: _KEPT - 1]


def _help(key: RunKey) -> None:
    """How to write an expression, the run's columns, filters used before."""
    opened = st.popover("Columns", icon=":material/help:", key="where_help", on_change="rerun")
    if not opened.open:
        return
    with opened:
        st.markdown("**A filter says which samples to show**")
        st.markdown(
            "\n".join(["| Write | for |", "|-|-|", *(f"| `{example}` | {meaning} |" for example, meaning in SYNTAX)])
        )
        _recent()
        _columns(key)


def _recent() -> None:
    recent = st.session_state.get(RECENT, [])
    if recent:
        st.markdown("**Used before**")
        for place, text in enumerate(recent):
            st.button(
                escape_markdown(text), key=f"recent_{place}", type="tertiary", icon=":material/history:",
                on_click=filter_by, args=(text,),
            )  # fmt: skip


def _columns(key: RunKey) -> None:
    if not runs.has_samples(key):
        return
    st.markdown("**Columns of this run**")
    table = [
        {"Column": one.name, "Holds": one.kind, "Such as": one.examples, "Meaning": one.meaning}
        for one in filters.about(key)
    ]
    st.dataframe(table, hide_index=True, height=min(320, 38 + 35 * len(table)), key="filter_columns", width=620)
    hidden = len(filters.names(key)) - len(table)
    if hidden > 0:
        st.caption(f"And {count(hidden, 'more column')} of the manifest.")


def _wrong(error: ExpressionError) -> None:
    with st.container(border=True, gap="xsmall", key="filter_error"):
        st.markdown(f":red[:material/error:] {escape_markdown(error.message)} :gray[The filter is not applied.]")
        st.code(error.pointer(), language=None)
