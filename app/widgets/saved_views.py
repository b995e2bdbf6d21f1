"""Views that somebody gave a name: the page with its filters as it is now, for everybody who opens this run."""

from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

import streamlit as st

from app import people
from app.access.paths import below_prefix
from app.queries import views
from app.queries.investigations import StoreError
from app.queries.runs import RunKey
from app.queries.views import NAME_CHARACTERS, View
from app.widgets.notes import MAY_NOT
from app.widgets.signature import signed
from app.widgets.text import escape_markdown
from app.widgets.undo_last import undo_last

_NAME, _CHOSEN, _PROBLEM = "view_name", "view_chosen", "view_problem"


def saved_views(key: RunKey) -> None:
    """Draw the popover of the header: open, save, rename, delete. Its content is made when somebody opens it."""
    opened = st.popover("Views", icon=":material/bookmarks:", width="content", key="views", on_change="rerun")
    if not opened.open:
        return
    with opened:
        try:
            found = views.views(key)
        except StoreError as error:
            st.caption(f":material/cloud_off: {escape_markdown(error)}")
            return
        _list(found)
        _save(key)
        if found:
            _change(key, found)
        undo_last(key, {views.KIND: "view"}, name="view_undo")
        problem = st.session_state.pop(_PROBLEM, None)
        if problem is not None:
            st.warning(problem, icon=":material/info:")


def _list(found: list[View]) -> None:
    if not found:
        st.caption("No view is saved yet. A view is this page with everything you have set on it.")
    for view in found:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            # A whole page load: a link inside the app may not name filters of the page it stands on.
            st.html(f'<a href="{escape(view.address)}">{escape(view.name)}</a>', width="content")
            st.caption(signed(view.author, view.at), width="content")


def _save(key: RunKey) -> None:
    person = people.current()
    with st.form("view_form", border=False, clear_on_submit=False):
        st.text_input(
            "Save what you see as", key=_NAME, max_chars=NAME_CHARACTERS, disabled=not person.may_edit,
            placeholder="Dark pictures of camera b",
        )  # fmt: skip
        st.form_submit_button(
            "Save view", icon=":material/bookmark_add:", disabled=not person.may_edit, on_click=_keep, args=(key,),
            help=None if person.may_edit else MAY_NOT,
        )  # fmt: skip


def _change(key: RunKey, found: list[View]) -> None:
    with st.expander("Rename or delete"), st.form("view_change", border=False):
        names = {view.name: view for view in found}
        st.selectbox("View", list(names), key=_CHOSEN)
        st.text_input("New name", key="view_new_name", max_chars=NAME_CHARACTERS)
        may = people.current().may_edit
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button("Rename", disabled=not may, on_click=_rename, args=(key, names))
            st.form_submit_button(
                "Delete", icon=":material/delete:", disabled=not may, on_click=_delete, args=(key, names)
            )


def _keep(key: RunKey) -> None:
    query = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    page = below_prefix(urlsplit(st.context.url or "").path).strip("/")
    _try(lambda: views.save(key, str(st.session_state.get(_NAME) or ""), page, query), clear=_NAME)


def _rename(key: RunKey, names: dict[str, View]) -> None:
    view = names[st.session_state[_CHOSEN]]
    _try(lambda: views.rename(key, view, str(st.session_state.get("view_new_name") or "")), clear="view_new_name")


def _delete(key: RunKey, names: dict[str, View]) -> None:
    _try(lambda: views.delete(key, names[st.session_state[_CHOSEN]]), clear="view_new_name")


def _try(change: Callable[[], None], *, clear: str) -> None:
    try:
        change()
        st.session_state[clear] = ""
    except StoreError as error:
        st.session_state[_PROBLEM] = escape_markdown(error)
