"""Taking over what somebody handed over: a file in, a sentence on what it brought."""

import streamlit as st

from app import people, state
from app.queries import handing_over
from app.queries.investigations import StoreError
from app.queries.run_list import list_runs
from app.widgets.notes import MAY_NOT
from app.widgets.text import escape_markdown

LARGEST_MB = 60  # below what the server takes in one request
_FILE, _DONE, _FAILED = "runs_import", "runs_import_done", "runs_import_failed"


def import_investigation() -> None:
    """Draw the form on the page of all runs."""
    may = people.current().may_edit
    with (
        st.expander("Take over an investigation that somebody handed over", icon=":material/move_to_inbox:"),
        st.form("runs_import_form", border=False, clear_on_submit=True),
    ):
        st.file_uploader(
            "File from Export → To hand over", type="zip", key=_FILE, disabled=not may,
            max_upload_size=LARGEST_MB,
            help="A larger file, with its run: `python -m analysis investigation import FILE --runs FOLDER`.",
        )  # fmt: skip
        st.form_submit_button(
            "Take over", icon=":material/merge:", disabled=not may, help=None if may else MAY_NOT, on_click=_import
        )
    # Outside: where the first run came with the file the page looks otherwise, and the box above is a closed one.
    done, failed = st.session_state.pop(_DONE, None), st.session_state.pop(_FAILED, None)
    if failed is not None:
        st.error(failed, icon=":material/error:")
    if done is not None:
        st.success(escape_markdown(done.to_text()), icon=":material/check:")
        here = next((entry for entry in list_runs() if entry.mark.identity == done.run), None)
        if here is not None:
            shown = escape_markdown(here.title)
            st.link_button(f"Open “{shown}”", state.href("overview", here.id), icon=":material/arrow_forward:")


def _import() -> None:
    file = st.session_state.get(_FILE)
    if file is None:
        st.session_state[_FAILED] = "Choose a file first."
        return
    try:
        st.session_state[_DONE] = handing_over.imported(file)
    except StoreError as error:
        st.session_state[_FAILED] = escape_markdown(str(error).replace("the file", file.name))
