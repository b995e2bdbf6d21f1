"""Which later run shows whether a fault is gone, and what its test says there."""

import streamlit as st

from app import people, state
from app.queries import follow_ups
from app.queries.follow_ups import FollowUp
from app.queries.investigations import ConflictError, StoreError
from app.queries.run_list import RunEntry
from app.queries.runs import RunKey
from app.widgets.notes import MAY_NOT
from app.widgets.text import escape_markdown
from app.widgets.verdict import COLOURS, ICONS, word

_NONE = "No follow-up run"


def follow_up(key: RunKey, finding_id: str) -> None:
    """Draw the follow-up of a finding, or a way to name one; nothing where there is no other run."""
    try:
        named, others = follow_ups.follow_up(key, finding_id), follow_ups.others(key)
    except StoreError:
        return  # the verdict beside it says so
    if named is not None:
        _shown(named, finding_id)
    if others:
        _choice(key, finding_id, named, others)


def _shown(named: FollowUp, finding_id: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if named.entry is None:
            st.markdown(f"Follow-up: {escape_markdown(named.title)} :gray[(not among the runs here)]", width="content")
            return
        address = state.href("checklist", named.entry.id, finding=finding_id)
        st.markdown(f":gray[Follow-up:] [{escape_markdown(named.title)}]({address})", width="content")
        if named.finding is not None:
            verdict = named.finding.verdict
            st.markdown(f"There: :{COLOURS.get(verdict, 'gray')}-badge[{ICONS.get(verdict, '')} {word(verdict)}]",
                        width="content")  # fmt: skip
        else:
            st.caption("not diagnosed yet", width="content")


def _choice(key: RunKey, finding_id: str, named: FollowUp | None, others: list[RunEntry]) -> None:
    person, version = people.current(), named.version if named else 0
    titles = {entry.id: f"{entry.title} ({entry.id})" for entry in others}
    chosen = named.entry.id if named is not None and named.entry is not None else None
    at = list(titles).index(chosen) + 1 if chosen in titles else 0
    widget = f"follow_up_{finding_id}_{version}_{key.id}"
    st.selectbox(
        "Follow-up run", ["", *titles], index=at, format_func=lambda run: titles.get(run, _NONE), key=widget,
        label_visibility="collapsed", disabled=not person.may_edit, on_change=_name,
        args=(key, finding_id, widget, version, others),
        help="The run made after the fault was put right." if person.may_edit else MAY_NOT,
    )  # fmt: skip


def _name(key: RunKey, finding_id: str, widget: str, version: int, others: list[RunEntry]) -> None:
    entry = next((entry for entry in others if entry.id == st.session_state.get(widget)), None)
    try:
        follow_ups.name(key, finding_id, entry, expected=version)
    except ConflictError:
        st.toast("Somebody named another follow-up just before you; choose again if yours holds.")
    except StoreError as error:
        st.toast(escape_markdown(error), icon=":material/error:")
