"""The page Slices: groups that metadata can name and that fail, found by a search or saved by people."""

import streamlit as st

from app import state
from app.queries import examples, filters, runs
from app.queries import slices as queries
from app.queries.investigations import StoreError
from app.queries.runs import RunKey
from app.queries.slices import Searched
from app.widgets import states
from app.widgets.downloads import csv_link
from app.widgets.live import live
from app.widgets.sample_drawer import sample_drawer
from app.widgets.slice_card import slice_card
from app.widgets.slice_table import SLICE, slice_table
from app.widgets.text import count, escape_markdown
from app.widgets.undo_last import undo_last


def page() -> None:
    """Draw the page."""
    key = state.current_run()
    st.title("Slices")
    if not runs.has_samples(key):
        states.pending("The search for slices that fail")
        return
    if runs.size(key) == 0:
        states.empty("This run has no usable samples.", hint="Look at the problems on the Runs page.")
        return
    live(key)
    st.caption(
        "A slice is up to three conditions: on metadata, or on how pictures look (brightness, contrast, sharpness, "
        "areas without detail). It is searched on one half of the samples, class by class, so that hard classes are "
        "none, and has to fail on the other half, too."
    )
    sample_drawer(key, None, page="slices", label="All slices")
    try:
        table = queries.table(key)
    except StoreError as error:
        st.warning(escape_markdown(error), icon=":material/cloud_off:")
        return
    searched = queries.searched(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        _offer_filter(key)
        undo_last(key, {queries.KIND: "slice"}, name="sli_undo")
    opened = state.link_value(SLICE)
    if filters.passing_mask(key) is not None and len(table):
        st.caption(
            ":material/filter_alt_off: Slices are found and ranked over all samples. To see one among the samples that "
            "pass the filter, join the two with `and` in the filter box and judge that."
        )
    if table.empty:
        _none(key, searched)
    else:
        slice_table(table, opened)
        csv_link(key, "slices", "Table as CSV", hint="Every slice with its numbers, found and saved ones")
    if searched is not None:
        _searched(searched)
    if opened is None and len(table) and bool(table["holds"].iloc[0]):
        opened = str(table["slice"].iloc[0])
    if opened is not None:
        rows = table[table["slice"] == opened]
        slice_card(key, opened, None if rows.empty else rows.iloc[0], repaired=examples.has_repaired(key))


def _offer_filter(key: RunKey) -> None:
    """The current filter, which may be a slice of one's own."""
    text = filters.current()
    found = filters.answer(key, text)
    if not text or found.error is not None:
        return

    def show() -> None:
        st.query_params[SLICE] = text

    if state.link_value(SLICE) != text:
        st.button("Judge the current filter as a slice", icon=":material/filter_alt:", on_click=show)


def _none(key: RunKey, searched: Searched | None) -> None:
    if runs.findings(key) is None:
        states.pending("The search for slices that fail")
    elif searched is None:
        states.not_here(
            "A search for slices",
            "This run's checklist did not make it. Run again with `--resume`; or write a filter above and save it.",
        )
    else:
        states.empty("No slice was found.", icon=":material/check_circle:", hint=_hint(key, searched))


def _hint(key: RunKey, searched: Searched) -> str:
    looked = [count(searched.columns, "column")] * bool(searched.columns)
    looked += ["the ways pictures look"] * searched.pictures
    hint = f"Nothing stood out among {' and '.join(looked)}. " if looked else ""
    if not runs.metadata_columns(key):
        return hint + (
            "The manifest has no columns besides file and label: add what is known of the pictures, such as camera, "
            "source or date, and run again with `--resume`."
        )
    if not searched.columns:
        return hint + "No column of the manifest makes groups: the list below says why of each."
    return hint + "A filter can be saved as a slice."


def _searched(searched: Searched) -> None:
    left_out = len(searched.left_out)
    said = f"{count(searched.columns, 'column')} of metadata searched"
    if not left_out:
        if searched.columns:
            st.caption(f"{said}; none was left out.")
        return
    with st.expander(f"{said}, {left_out:,} left out: why"):
        st.dataframe(searched.left_out, hide_index=True, key="sli_left_out", alt="Columns that were not searched")


if __name__ == "__main__":
    page()
