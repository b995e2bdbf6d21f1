"""The row above every page: which run, how far it is, Copy link."""

import streamlit as st

from app import state
from app.queries.runs import RunEntry
from app.widgets.copy_link import copy_link


def header(entries: list[RunEntry]) -> None:
    """Draw the run picker and the Copy link button; the choice is `st.session_state[state.RUN]` and in the URL."""
    titles = {entry.id: entry.title for entry in entries}

    def label(run_id: str) -> str:
        title = titles.get(run_id, run_id)
        return run_id if title == run_id else f"{title}  ·  {run_id}"

    with st.container(horizontal=True, vertical_alignment="bottom", key="header"):
        st.selectbox(
            "Run",
            list(titles),
            index=None,  # no default: the run then always stands in the URL
            format_func=label,
            key=state.RUN,
            bind="query-params",
            label_visibility="collapsed",
            placeholder="Choose a run",
            required=True,
            width=460,
        )
        st.space("stretch")
        copy_link()
