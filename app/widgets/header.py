"""The row above every page: which run, which of its samples, exports, Copy link."""

import streamlit as st

from app import state
from app.components.history import browser_history
from app.queries.run_list import RunEntry
from app.widgets.account import account
from app.widgets.copy_link import copy_link
from app.widgets.export_menu import export_menu
from app.widgets.filter_bar import filter_bar
from app.widgets.job_bell import job_bell
from app.widgets.lost_run import forget_link
from app.widgets.saved_views import saved_views


def header(entries: list[RunEntry]) -> None:
    """Draw the run picker, exports, Copy link and the filter; the run is `st.session_state[state.RUN]`, in the URL."""
    # On the first draw of a link the picker has not taken its run over from the address yet.
    shown = st.session_state.get(state.RUN) or st.query_params.get(state.RUN)
    titles = {entry.id: entry.title for entry in entries if not entry.archived or entry.id == shown}
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        st.selectbox(
            "Run",
            list(titles),
            index=None,  # no default: the run then always stands in the URL
            key=state.RUN,
            bind="query-params",
            label_visibility="collapsed",
            placeholder="Choose a run",
            on_change=forget_link,
            required=True,
            width=240,
        )
        shown = st.session_state.get(state.RUN)  # what the picker made of it
        title = titles.get(shown or "", "")
        if title != shown:
            st.text(title)
        chosen = state.current_run() if shown in titles else None
        st.space("stretch")
        browser_history()
        job_bell()
        with st.container(horizontal=True, vertical_alignment="center", width="content", key="ways"):  # wraps as one
            if chosen is not None:
                saved_views(chosen)
                export_menu(chosen)
            copy_link(next((entry.mark for entry in entries if entry.id == shown), None))
            account()
    if chosen is not None:
        filter_bar(chosen)
