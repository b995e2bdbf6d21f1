"""The filter box above every page: an expression, how many samples pass it, and what is wrong with it."""

from urllib.parse import quote_plus

import streamlit as st

from analysis.errors import StoreError
from analysis.expressions.error import ExpressionError
from app import people, state
from app.filter_words import SYNTAX
from app.queries import filters, runs, slices
from app.queries.runs import RunKey
from app.widgets.text import count, escape_markdown
from app.widgets.undo_last import undo_last

RECENT = "recent_filters"
WHOLE = frozenset({"overview", "checklist", "runs"})  # pages that the filter does not change
LONGEST = 20_000  # characters that the box takes; the parser says where an expression is too long for it
LONGEST_ESCAPED = 45_000  # as it stands in the address, of which a server takes 60,000; “é” is 6 of them, “猫” is 9
_KEPT = 8
_BEFORE = "where_before"  # the filter before the last change
_REFUSED = "where_refused"  # what was written and is too long


def filter_bar(key: RunKey) -> None:
    """Draw the bar; it stands in the header of every page, so that the filter travels with the person."""
    with st.container(horizontal=True, vertical_alignment="center", key="filter_bar"):
        st.text_input(
            "Filter samples", key=state.WHERE, bind="query-params", type="search", icon=":material/filter_alt:",
            label_visibility="collapsed", placeholder='Filter samples: label = "cat" and loss > 2', max_chars=LONGEST,
            on_change=_remember, width="stretch",
        )  # fmt: skip
        st.session_state[_BEFORE] = filters.current()
        found = filters.answer(key, filters.current())
        if found.mask is not None:
            st.markdown(f"**{found.passing:,}** of {count(found.total, 'sample')} pass", width="content")
        _slices(key)
        _help(key)
    if st.session_state.get(_REFUSED):
        _too_long(st.session_state[_REFUSED])
    if found.error is not None:
        _wrong(found.error)
    elif found.remarks:
        st.caption(escape_markdown(" ".join(found.remarks)))


def not_filtered(page: str) -> None:
    """Say what the filter does not change on this page, where one is set."""
    if page in WHOLE and filters.current():
        but = "chooses the pictures of its clusters only" if page == "overview" else "does not change it"
        st.caption(f":material/filter_alt_off: This page is about all samples; the filter above {but}.")


def filter_by(text: str) -> None:
    """Set the filter; for callbacks of buttons on any page."""
    st.session_state[state.WHERE] = text
    _remember()


def _remember() -> None:
    """Take a changed filter over; one that no address could hold gives way to the one before and is shown instead."""
    text = filters.current()
    st.session_state[_REFUSED] = text if len(quote_plus(text)) > LONGEST_ESCAPED else ""
    if st.session_state[_REFUSED]:
        st.session_state[state.WHERE] = st.session_state.get(_BEFORE, "")
        return
    st.session_state["ex_page"] = 1
    recent = [one for one in st.session_state.get(RECENT, []) if one != text]
    st.session_state[RECENT] = ([text] if text else []) + recent[: _KEPT - 1]


def _slices(key: RunKey) -> None:
    """Filters with a name: those people saved and those the checklist found failing; and saving the current one."""
    opened = st.popover("Slices", icon=":material/content_cut:", key="where_slices", on_change="rerun")
    if not opened.open:
        return
    with opened:
        try:
            own = [(item.subject, str(item.value.get("where", ""))) for item in slices.saved(key)]
        except StoreError as error:
            st.caption(f":material/cloud_off: {escape_markdown(error)}")
            own = []
        _pick("Saved", own, "saved")
        _pick("Found failing by the checklist", [(text, text) for text in slices.failing(key)], "failing")
        recent = st.session_state.get(RECENT, [])
        _pick("Used before", [(text, text) for text in recent], "recent")
        if not own and not recent:
            st.caption("A filter that you give a name stands here, and on the page Slices with its errors.")
        _save(key)
        undo_last(key, {slices.KIND: "slice"}, name="where_undo")


def _pick(title: str, named: list[tuple[str, str]], kind: str) -> None:
    if named:
        st.markdown(f"**{title}**")
    for place, (name, text) in enumerate(named):
        st.button(
            escape_markdown(name), key=f"{kind}_{place}", type="tertiary", on_click=filter_by, args=(text,),
            help=escape_markdown(text) if text != name else None,
        )  # fmt: skip


def _save(key: RunKey) -> None:
    may_edit = people.current().may_edit
    usable = filters.answer(key, filters.current()).mask is not None
    with st.form("where_save", border=False, clear_on_submit=True):
        st.text_input(
            "Save the filter as", key="where_name", max_chars=slices.NAME_CHARACTERS,
            disabled=not may_edit or not usable, placeholder="Dark pictures of camera b",
        )  # fmt: skip
        st.form_submit_button(
            "Save", icon=":material/save:", disabled=not may_edit or not usable, on_click=_keep, args=(key,),
            help=None if may_edit else "Only editors can save slices.",
        )  # fmt: skip


def _keep(key: RunKey) -> None:
    name = str(st.session_state.get("where_name") or "")
    try:
        slices.save(key, name, filters.current())
    except StoreError as error:
        st.toast(escape_markdown(error), icon=":material/error:")
        return
    st.toast(f"Saved as “{escape_markdown(name)}”.", icon=":material/check:")


def _help(key: RunKey) -> None:
    """How to write an expression, the run's columns."""
    opened = st.popover("Columns", icon=":material/help:", key="where_help", on_change="rerun")
    if not opened.open:
        return
    with opened:
        st.markdown("**A filter says which samples to show**")
        st.markdown(
            "\n".join(["| Write | for |", "|-|-|", *(f"| `{example}` | {meaning} |" for example, meaning in SYNTAX)])
        )
        _columns(key)


def _columns(key: RunKey) -> None:
    if not runs.has_samples(key):
        return
    st.markdown("**Columns of this run**")
    table = [
        {"Column": one.name, "Holds": one.kind, "Such as": one.examples, "Meaning": one.meaning}
        for one in filters.about(key)
    ]
    st.dataframe(table, hide_index=True, height=min(320, 38 + 35 * len(table)), key="filter_columns", width=620)
    hidden = len(filters.names(key)) - len(table)
    if hidden > 0:
        st.caption(f"And {count(hidden, 'more column')} of the manifest.")


def _wrong(error: ExpressionError) -> None:
    with st.container(border=True, gap="xsmall", key="filter_error"):
        st.markdown(f":red[:material/error:] {escape_markdown(error.message)} :gray[The filter is not applied.]")
        st.code(error.pointer(), language=None)


def _too_long(text: str) -> None:
    with st.container(border=True, gap="xsmall", key="filter_too_long"):
        st.markdown(
            f":red[:material/error:] As part of an address this filter takes {len(quote_plus(text)):,} characters, and"
            f" {LONGEST_ESCAPED:,} is the most. :gray[The filter before it stays. A range of numbers, a part of the"
            " manifest's columns, or a cluster says the same in fewer words.]"
        )
        st.code(text, language=None, height=120)
