"""Changes by others appear by themselves: a page asks every few seconds whether anything has changed."""

import streamlit as st

from app.queries import investigations
from app.queries.investigations import StoreError
from app.queries.runs import RunKey

SECONDS = 2.5  # so that with the time a page takes, three pass at most
_SEEN = "live_seen"


def live(key: RunKey) -> None:
    """Draw the page anew when somebody changes what people added to this run; call it once on a page that shows it.

    Widgets that follow by themselves (`notes`, `own_verdict`) do not need it. What is being typed stays: a text box
    keeps its content when the page around it is drawn anew.
    """
    st.session_state[_SEEN] = _number(key)
    _watch(key)


@st.fragment(run_every=SECONDS)
def _watch(key: RunKey) -> None:
    if _number(key) != st.session_state.get(_SEEN):
        st.rerun()


def _number(key: RunKey) -> int:
    try:
        return investigations.last_change(key)
    except StoreError:  # whoever shows items says so
        return -1
