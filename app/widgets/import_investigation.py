"""Taking over what somebody handed over: a file in, a sentence on what it brought."""

import streamlit as st

from app import people
from app.queries import handing_over
from app.queries.investigations import StoreError
from app.widgets.notes import MAY_NOT
from app.widgets.text import escape_markdown

_FILE, _SAID, _FAILED = "runs_import", "runs_import_said", "runs_import_failed"


def import_investigation() -> None:
    """Draw the form on the page of all runs."""
    may = people.current().may_edit
    with (
        st.expander("Take over an investigation that somebody handed over", icon=":material/move_to_inbox:"),
        st.form("runs_import_form", border=False, clear_on_submit=True),
    ):
        st.file_uploader(
            "File from Export → To hand over", type="zip", key=_FILE, disabled=not may,
            help="A larger file, with its run: `python -m analysis investigation import FILE --runs FOLDER`.",
        )  # fmt: skip
        st.form_submit_button(
            "Take over", icon=":material/merge:", disabled=not may, help=None if may else MAY_NOT, on_click=_import
        )
        said, failed = st.session_state.pop(_SAID, None), st.session_state.pop(_FAILED, None)
        if said is not None:
            st.success(said, icon=":material/check:")
        if failed is not None:
            st.error(failed, icon=":material/error:")


def _import() -> None:
    file = st.session_state.get(_FILE)
    if file is None:
        st.session_state[_FAILED] = "Choose a file first."
        return
    try:
        st.session_state[_SAID] = escape_markdown(handing_over.imported(file).to_text())
    except StoreError as error:
        st.session_state[_FAILED] = escape_markdown(str(error).replace("the file", file.name))
