"""One slice: its numbers, its pictures, the ways out, and saving it by name."""

import pandas as pd
import streamlit as st

from analysis.expressions.error import ExpressionError
from analysis.runs.layout import PIXEL_COLUMNS
from app import people, state
from app.filter_words import ABOUT
from app.queries import slices as queries
from app.queries.investigations import ConflictError, StoreError
from app.queries.runs import RunKey
from app.widgets.confusions import confusions
from app.widgets.downloads import csv_link
from app.widgets.filter_bar import filter_by
from app.widgets.notes import MAY_NOT
from app.widgets.sample_gallery import sample_gallery
from app.widgets.slice_table import SLICE
from app.widgets.text import count, escape_markdown, percent

PICTURES = 24


def slice_card(key: RunKey, text: str, row: pd.Series | None, *, repaired: bool) -> None:
    """Draw the card.

    Args:
        key: The run.
        text: The expression.
        row: Its row of the table; None for one that a link names and nobody saved.
        repaired: Judge the pictures after the supported fixes.
    """
    try:
        found, ids = queries.judge(key, text), queries.members(key, text)
    except ExpressionError as error:
        st.warning(escape_markdown(error), icon=":material/filter_alt_off:")
        return
    with st.container(border=True, key="sli_card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.code(text, language=None, wrap_lines=True, width="stretch")
            if st.button("Open in Examples", icon=":material/photo_library:", on_click=filter_by, args=(text,)):
                state.go("examples")
            if st.button(
                "Find more like these",
                icon=":material/travel_explore:",
                type="tertiary",
                key="sli_more",
                help="Searches the unlabelled pool and the training set; the slice becomes the filter.",
                on_click=filter_by,
                args=(text,),
            ):
                state.go("find_more")
            csv_link(key, "samples", "This slice as CSV", where=text)
        if looks := [f"`{name}`: {ABOUT[name]}" for name in PIXEL_COLUMNS if name in text]:
            st.caption(". ".join(looks) + ".")
        st.markdown(
            f"**{found.errors:,} of {count(found.size, 'sample')} are wrong** "
            f"({percent(found.errors / max(1, found.size))}), where the same classes elsewhere would have "
            f"{found.expected:.1f} wrong: **{found.excess:+.1f}** (95 %: {found.low:+.1f} to {found.high:+.1f})."
        )
        if row is not None and row["held_out"]:
            verdict = "It holds there too" if row["holds"] else "That is not enough to call it failing"
            st.caption(f"Found on one half. Excess on the other: {row['held_out']}, p = {row['p']:.2g}. {verdict}.")
        _keep(key, text, row)
        confusions(key, ids, repaired=repaired)
        st.markdown(f"**Its samples**, wrong ones first ({min(PICTURES, len(ids))} of {len(ids):,})")
        sample_gallery(
            key, ids[:PICTURES], name="sli_gallery", label="Samples of the slice", repaired=repaired, size=108
        )


def _keep(key: RunKey, text: str, row: pd.Series | None) -> None:
    may = people.current().may_edit
    name = "" if row is None else str(row["name"])
    if name:
        st.button(
            f"Forget “{escape_markdown(name)}”", icon=":material/delete:", type="tertiary", key="sli_forget",
            disabled=not may, help="It can be saved again." if may else MAY_NOT, on_click=_forget, args=(key, name),
        )  # fmt: skip
    else:
        _save_form(key, text)


def _save_form(key: RunKey, text: str) -> None:
    """Draw the popover that saves an expression by name."""
    may = people.current().may_edit

    def save() -> None:
        name = str(st.session_state["sli_name"])
        try:
            queries.save(key, name, text)
            st.query_params[SLICE] = text
            st.toast(f"Saved as “{escape_markdown(name)}”.", icon=":material/bookmark_added:")
        except (StoreError, ConflictError) as error:
            st.toast(escape_markdown(error), icon=":material/error:")

    hint = None if may else MAY_NOT
    with (
        st.popover("Save by name", icon=":material/bookmark:", disabled=not may, help=hint),
        st.form("sli_save", border=False),
    ):
        st.text_input("Name", key="sli_name", max_chars=queries.NAME_CHARACTERS)
        st.form_submit_button("Save", on_click=save)


def _forget(key: RunKey, name: str) -> None:
    try:
        queries.forget(key, name)
    except StoreError as error:
        st.toast(escape_markdown(error), icon=":material/error:")
