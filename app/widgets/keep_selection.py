"""Keeping what is selected on the map under a name: as a slice for every page, or as a view of this one."""

import streamlit as st

from app import people
from app.queries import outlines, slices, views
from app.queries.investigations import ConflictError, StoreError
from app.queries.runs import RunKey
from app.widgets.notes import MAY_NOT
from app.widgets.text import escape_markdown
from app.widgets.undo_last import undo_last

_NAME, _AS = "clu_keep_name", "clu_keep_as"
_PROBLEM, _DONE = "clu_keep_problem", "clu_keep_done"
SLICE, VIEW = "Slice", "View"
_HELP = (
    "A slice is the selection as a filter expression: it stands on the page Slices with its errors and under “Slices” "
    "beside every filter box. A view is this page as you see it, outline, colours and filter, in “Views” above."
)


def keep_selection(key: RunKey, area: str, where: str) -> None:
    """Draw the popover that saves.

    Args:
        key: The run.
        area: The selection in link form.
        where: The filter that its samples pass.
    """
    if st.session_state.pop(_DONE, False):
        st.rerun()  # the whole page: what was saved also stands in its header
    may = people.current().may_edit
    with (
        st.popover("Save", icon=":material/bookmark_add:", disabled=not may, help=None if may else MAY_NOT),
        st.form("clu_keep", border=False),
    ):
        st.radio("Save the selection as a", [SLICE, VIEW], key=_AS, horizontal=True, help=_HELP)
        st.text_input("Name", key=_NAME, max_chars=views.NAME_CHARACTERS, placeholder="Dark pictures of camera b")
        st.form_submit_button("Save", type="primary", on_click=_keep, args=(key, area, where))
        problem = st.session_state.pop(_PROBLEM, None)
        if problem is not None:
            st.warning(escape_markdown(problem), icon=":material/info:")


def undo_keeping(key: RunKey) -> None:
    """Draw the way back from the last slice or view that the person saved or deleted."""
    undo_last(key, {slices.KIND: "slice", views.KIND: "view"}, name="clu_keep_undo")


def _keep(key: RunKey, area: str, where: str) -> None:
    name = str(st.session_state.get(_NAME) or "")
    try:
        if st.session_state[_AS] == VIEW:
            query = [(part, value) for part in st.query_params for value in st.query_params.get_all(part)]
            views.save(key, name, "clusters", query)
        else:
            slices.save(key, name, outlines.expression(area, where))
    except (StoreError, ConflictError) as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state[_NAME] = ""
    st.session_state[_DONE] = True
