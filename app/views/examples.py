"""The page Examples: every sample as a picture, worst first, with filters and a drawer."""

import streamlit as st

from analysis.arrays import IntArray
from app import state
from app.queries import examples, runs
from app.queries.example_expression import expression
from app.queries.examples import Filters
from app.queries.runs import RunKey
from app.widgets import states, triage
from app.widgets.downloads import csv_link
from app.widgets.example_filters import filter_bar, say_filters, take_links
from app.widgets.sample_drawer import sample_drawer
from app.widgets.sample_gallery import sample_gallery
from app.widgets.text import count

PER_PAGE = 60


def page() -> None:
    """Draw the page."""
    key = state.current_run()
    st.title("Examples")
    if not runs.has_samples(key):
        states.pending("The gallery of all samples")
        return
    if runs.size(key) == 0:
        states.empty("This run has no usable samples.", hint="Look at the problems on the Runs page.")
        return
    if not take_links(key):
        return
    filters = filter_bar(key)
    order = examples.ordered(key, filters)
    say_filters(key, filters)
    sample_drawer(key, order, page="examples", label="All examples")
    _gallery(key, filters, order)


def _gallery(key: RunKey, filters: Filters, order: IntArray) -> None:
    if not len(order):
        states.empty("No sample passes these filters.", icon=":material/filter_alt_off:", hint="Take one of them away.")
        return
    column, _ = examples.SORTS[filters.sort]
    chosen = expression(key, filters)
    triage.counts(key, order, chosen)
    pages = -(-len(order) // PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_headline(key, filters, order), width="content")
        st.space("stretch")
        if chosen:
            csv_link(key, "samples", "These samples as CSV", hint="Those that pass all filters", where=chosen)
        else:
            csv_link(key, "samples", "All samples as CSV")
    pictures = st.container()
    number = st.pagination(pages, key="ex_page", bind="query-params") if pages > 1 else 1
    shown = order[(number - 1) * PER_PAGE : number * PER_PAGE]
    with pictures:
        sample_gallery(
            key,
            shown,
            name="ex_gallery",
            label="Samples, worst first",
            badge=column,
            repaired=filters.repaired,
            tagging=triage.tagging(key),
        )
    st.caption(
        "Arrow keys move between pictures, Enter opens one; in the drawer, ← and → walk on. Digits tag the picture in "
        "focus and go on. Space, Shift with arrows and Ctrl with a click choose several to tag together."
    )


def _headline(key: RunKey, filters: Filters, order: IntArray) -> str:
    judged = " after the supported fixes" if filters.repaired else ""
    found = f"**{count(len(order), 'sample')}**"
    if filters.outcome != "All":
        return f"{found}, all {filters.outcome.lower()}{judged}"
    wrong = int((~examples.correct(key, repaired=filters.repaired)[order]).sum())
    return f"{found}, {wrong:,} of them wrong{judged}"


if __name__ == "__main__":
    page()
