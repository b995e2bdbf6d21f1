"""What can be done with chosen runs: open, rename, put away, delete; and fetching back what was deleted."""

import time
from collections.abc import Callable
from functools import partial

import streamlit as st

from analysis.catalog.catalog import TITLE_LENGTH
from analysis.catalog.trash import KEPT_SECONDS, Deleted, folder_bytes
from analysis.errors import AnalysisError
from app import people, state
from app.queries import catalog, jobs
from app.queries.catalog import Shown
from app.queries.run_list import list_runs
from app.widgets.run_table import CHOSEN
from app.widgets.text import count, escape_markdown, size_words

DELETED = "runs_deleted"  # in the session: numbers in the trash of what was deleted last, for Undo
FAILED = "runs_failed"  # in the session: why the last click came to nothing


def run_actions(chosen: list[Shown]) -> None:
    """Draw the row of buttons; a click that may destroy something asks first."""
    may = people.current().may_edit
    why = None if may else jobs.ONLY_LOOKING
    ids = [row.entry.id for row in chosen]
    put_away = not chosen or not all(row.entry.archived for row in chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Open", icon=":material/arrow_forward:", disabled=len(chosen) != 1, key="runs_open",
                  on_click=_open, args=ids[:1], type="primary")  # fmt: skip
        if st.button("Rename", icon=":material/edit:", disabled=len(chosen) != 1 or not may, key="runs_rename",
                     help=why):  # fmt: skip
            _rename(chosen[0])
        st.button("Archive" if put_away else "Take out of the archive", icon=":material/inventory_2:",
                  disabled=not chosen or not may, key="runs_archive", on_click=_archive, args=(ids, put_away),
                  help=why or "Archived runs are hidden from lists; links to them work.")  # fmt: skip
        if st.button("Delete", icon=":material/delete:", disabled=not chosen or not may, key="runs_delete", help=why):
            _delete(chosen)
    if st.session_state.pop("runs_go", False):
        state.go("overview")


def _open(run_id: str) -> None:
    st.session_state[state.RUN] = run_id
    st.session_state["runs_go"] = True


@st.dialog("Rename a run")
def _rename(row: Shown) -> None:
    title = f"runs_title_{row.entry.id}"
    st.text_input("Title", value=row.entry.title, max_chars=TITLE_LENGTH, key=title)
    st.caption(
        f"The folder stays `{escape_markdown(row.entry.id)}`, so links keep working. Empty gives it its own title back."
    )
    if st.button("Save", type="primary", key="runs_rename_save", on_click=_save_title, args=(row.entry.id, title)):
        st.rerun()


def _save_title(run_id: str, key: str) -> None:
    _try(partial(catalog.rename, run_id, st.session_state.get(key) or ""))


def _archive(ids: list[str], put_away: bool) -> None:
    _try(lambda: catalog.archive(ids, put_away))
    st.query_params.pop(CHOSEN, None)


@st.dialog("Delete runs")
def _delete(chosen: list[Shown]) -> None:
    for row in chosen:
        size = size_words(catalog.disk_bytes(row.entry.id))
        st.markdown(f"**{escape_markdown(row.entry.title)}** · folder {escape_markdown(row.entry.id)} · {size}")
        for referrer in catalog.referrers(row.entry.id):
            st.caption(f":material/link: {escape_markdown(referrer)}")
    st.markdown(f"They go to the trash, where they can be fetched back for {_days(KEPT_SECONDS)}.")
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", icon=":material/delete:", key="runs_delete_really",
                     on_click=_really, args=(chosen,)):  # fmt: skip
            st.rerun()
        if st.button("Keep", key="runs_keep"):
            st.rerun()


def _really(chosen: list[Shown]) -> None:
    before = {deleted.number for deleted in catalog.trash().listed()}
    for row in chosen:
        _try(partial(catalog.delete, row))
    st.session_state[DELETED] = [found.number for found in catalog.trash().listed() if found.number not in before]
    st.query_params.pop(CHOSEN, None)
    left = [entry.id for entry in list_runs() if not entry.archived]
    if st.session_state.get(state.RUN) not in left:
        st.session_state[state.RUN] = left[0] if left else None


def last_words() -> None:
    """What the last click did or why it did nothing, and the way back."""
    failed = st.session_state.pop(FAILED, None)
    if failed:
        st.warning(escape_markdown(failed), icon=":material/info:")
    gone = {deleted.number: deleted for deleted in catalog.trash().listed()}
    undo = [gone[number] for number in st.session_state.get(DELETED, ()) if number in gone]
    if undo:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="runs_undo"):
            names = ", ".join(escape_markdown(deleted.title) for deleted in undo)
            st.markdown(f"Deleted: {names}", width="content")
            st.button("Undo", icon=":material/undo:", key="runs_undo_delete", on_click=_restore, args=(undo,))


def trash_list() -> None:
    """What lies in the trash, with the way back and the way out."""
    listed = catalog.in_trash()
    if not listed:
        return
    may = people.current().may_edit
    with st.expander(f"Trash: {count(len(listed), 'run')}", icon=":material/delete:", key="runs_trash"):
        for deleted in listed:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{escape_markdown(deleted.title)}**", width="content")
                st.caption(f"deleted by {escape_markdown(deleted.author)}, freed in {_left(deleted)}", width="content")
                st.space("stretch")
                st.button("Fetch back", icon=":material/undo:", key=f"restore_{deleted.number}", disabled=not may,
                          on_click=_restore, args=([deleted],), type="tertiary")  # fmt: skip
                size = size_words(folder_bytes(deleted.path))
                st.button("Free now", key=f"free_{deleted.number}", disabled=not may, on_click=_free, type="tertiary",
                          args=(deleted,), help=f"{size}, gone for good.")  # fmt: skip


def _restore(listed: list[Deleted]) -> None:
    for deleted in listed:
        _try(partial(catalog.restore, deleted))
    st.session_state.pop(DELETED, None)


def _free(deleted: Deleted) -> None:
    _try(partial(catalog.free, deleted))


def _try(act: Callable[[], object]) -> None:
    try:
        act()
    except AnalysisError as error:
        st.session_state[FAILED] = str(error)


def _left(deleted: Deleted) -> str:
    return _days(max(0.0, deleted.at + KEPT_SECONDS - time.time()))


def _days(seconds: float) -> str:
    days = round(seconds / 86400)
    return count(days, "day") if days else "less than a day"
