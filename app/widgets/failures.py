"""What a person sees when something fails: a sentence and a way on, never a traceback."""

import logging
import secrets
from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException

from analysis.errors import AnalysisError
from app.access.errors import AccessDeniedError
from app.access.redaction import for_reader
from app.widgets.text import escape_markdown

_LOGGER = logging.getLogger("faultline")


def show_failure(error: Exception) -> bool:
    """Show an error inside the page; True tells Streamlit that it has been shown.

    An `AnalysisError` speaks for itself. Anything else is our own fault: the traceback goes to the server's log under a
    reference that the message names.
    """
    if isinstance(error, AnalysisError):
        st.warning(escape_markdown(_readable(error)), title="This cannot be shown", icon=":material/info:")
    else:
        reference = secrets.token_hex(3)
        _LOGGER.error("reference %s", reference, exc_info=error)
        with st.container(key="crashed"):
            st.error(
                "Something went wrong on our side; nothing of the run was changed. The details stand in the server's "
                f"log under reference `{reference}`.",
                title="This part of the page failed",
                icon=":material/error:",
            )
    with st.container(horizontal=True):
        st.button("Try again", icon=":material/refresh:", key=f"retry_{secrets.token_hex(4)}")  # a click draws anew
        with suppress(StreamlitAPIException):  # a failure before the menu was drawn knows no pages
            st.page_link("views/runs.py", label="All runs", icon=":material/list:")
    return True


def _readable(error: AnalysisError) -> str:
    """The message as this person may read it; one that denies access is for everybody."""
    return str(error) if isinstance(error, AccessDeniedError) else for_reader(str(error))
