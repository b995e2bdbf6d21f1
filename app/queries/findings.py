"""The checklist of a run, read once."""

import streamlit as st

from app.findings import Checklist, parse
from app.queries import runs
from app.queries.runs import RunKey


@st.cache_resource(max_entries=32, show_spinner=False)
def checklist(key: RunKey) -> Checklist | None:
    """The checklist of a run, or None before the diagnosis."""
    found = runs.findings(key)
    return None if found is None else parse(found)
