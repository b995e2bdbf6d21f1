"""What people do to a cluster: rename, merge, split, hide, and take it back."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from analysis.reports.cluster_edits import LONGEST_NAME
from app import people
from app.queries import cluster_edits
from app.queries import clusters as queries
from app.queries.clusterings import Shown
from app.queries.investigations import StoreError
from app.queries.runs import RunKey
from app.widgets.cluster_ranking import open_cluster
from app.widgets.notes import MAY_NOT
from app.widgets.text import escape_markdown

_DONE = {"merge": "Merged", "split": "Split in two", "rename": "Renamed", "hide": "Hidden or shown again"}


def cluster_actions(key: RunKey, shown: Shown, about: pd.Series) -> None:
    """Draw the row of buttons; for people who may only look they are disabled, with the reason."""
    number = int(about["cluster"])
    may = people.current().may_edit
    with st.container(horizontal=True, gap="xsmall", key="clu_actions"):
        _rename(key, shown, number, may=may)
        _merge(key, shown, number, may=may)
        st.button(
            "Split in two", icon=":material/call_split:", type="tertiary", disabled=not may,
            help="By the embeddings of its samples (2-means); the smaller part becomes a cluster of its own."
            if may else MAY_NOT,
            on_click=_split, args=(key, shown, number), key="clu_split",
        )  # fmt: skip
        is_hidden = number in shown.edited.hidden
        st.button(
            "Show again" if is_hidden else "Hide", type="tertiary", disabled=not may, key="clu_hide",
            icon=":material/visibility:" if is_hidden else ":material/visibility_off:",
            help="Out of the ranking; its samples stay where they are." if may else MAY_NOT,
            on_click=_saved, args=(lambda: queries.hide(key, shown, number, hidden=not is_hidden),),
        )  # fmt: skip
        undo_button(key, shown)


def undo_button(key: RunKey, shown: Shown) -> None:
    """Draw the button that takes back the person's own last edit of what is shown; nothing where there is none."""
    try:
        last = cluster_edits.last_own(key, shown.name)
    except StoreError:
        return
    if last is not None and last.after is not None:
        st.button(
            f"Undo: {_DONE.get(str(last.after.get('edit')), 'last change').lower()}", icon=":material/undo:",
            type="tertiary", key="clu_undo", on_click=_saved, args=(lambda: cluster_edits.undo(key, shown.name),),
            disabled=not people.current().may_edit,
        )  # fmt: skip


def _rename(key: RunKey, shown: Shown, number: int, *, may: bool) -> None:
    given = shown.edited.names.get(number, "")

    def save() -> None:
        _saved(lambda: queries.rename(key, shown, number, st.session_state["clu_name"]))

    with (
        st.popover("Rename", icon=":material/edit:", type="tertiary", disabled=not may, help=None if may else MAY_NOT),
        st.form("clu_rename", border=False),
    ):
        st.text_input(
            "Name", value=given, max_chars=LONGEST_NAME, key="clu_name", placeholder="empty: the automatic name"
        )
        st.form_submit_button("Save", on_click=save)


def _merge(key: RunKey, shown: Shown, number: int, *, may: bool) -> None:
    names = {int(row.cluster): str(row.name) for row in shown.table.itertuples(index=False)}
    names.pop(number, None)

    def save() -> None:
        others = tuple(st.session_state["clu_others"])
        if others:
            _saved(lambda: queries.merge(key, shown, number, others))
            st.session_state["clu_others"] = []

    hint = None if may else MAY_NOT
    with (
        st.popover("Merge", icon=":material/merge:", type="tertiary", disabled=not may or not names, help=hint),
        st.form("clu_merge", border=False),
    ):
        st.multiselect(
            "These become part of it (the nearest first)",
            queries.nearest_first(key, shown, number),
            key="clu_others",
            format_func=lambda one: f"{one}: {names[one]}",
        )
        st.form_submit_button("Merge", on_click=save)


def _split(key: RunKey, shown: Shown, number: int) -> None:
    found: list[int | None] = []
    _saved(lambda: found.append(queries.split(key, shown, number)))
    if found == [None]:
        st.toast("There are no two parts: its samples stand in one place, or the run has no embeddings.")
    elif found:
        st.toast(f"The smaller part is cluster {found[0]} now.", icon=":material/call_split:")
        open_cluster(number)


def _saved(change: Callable[[], object]) -> None:
    """Do it and say so where it cannot be saved; for callbacks."""
    try:
        change()
    except StoreError as error:
        st.toast(escape_markdown(error), icon=":material/error:")


def edited_by(key: RunKey, shown: Shown) -> str:
    """Who edited the shown clustering, as a sentence; empty where nobody did."""
    made = cluster_edits.made(key, shown.name)
    if not made:
        return ""
    people_ = sorted({change.item.author for change in made})
    return f"{len(made)} edits by {', '.join(map(escape_markdown, people_))}"
