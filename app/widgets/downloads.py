"""Links to the CSV streams."""

import streamlit as st

from app import state
from app.queries.runs import RunKey


def csv_link(
    key: RunKey, table: str, label: str = "Download CSV", *, hint: str | None = None, **params: str | int
) -> None:
    """A button that streams a table to a file; see `state.csv_url` for `table` and `params`."""
    st.link_button(label, state.csv_url(key, table, **params), icon=":material/download:", help=hint)
