"""One failure cluster: how many errors beyond the expected, its pictures, and what is near but correct."""

import pandas as pd
import streamlit as st

from app import state
from app.queries import clusters as queries
from app.queries import filters
from app.queries.clusterings import OWN, Shown
from app.queries.runs import RunKey
from app.widgets.cluster_actions import cluster_actions
from app.widgets.cluster_facts import cluster_facts
from app.widgets.confusions import confusions
from app.widgets.downloads import csv_link
from app.widgets.filter_bar import filter_by
from app.widgets.find_more_link import find_more_link
from app.widgets.notes import notes
from app.widgets.sample_gallery import sample_gallery
from app.widgets.text import count, escape_markdown, percent

PICTURES = 24


def cluster_card(key: RunKey, shown: Shown, about: pd.Series, *, repaired: bool) -> None:
    """Draw one cluster.

    Args:
        key: The run.
        shown: The clustering it belongs to.
        about: Its row of the table.
        repaired: Judge the pictures after the supported fixes.
    """
    number = int(about["cluster"])
    ids = queries.members(key, shown, number, repaired=repaired)
    with st.container(border=True, key="clu_card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"Cluster {number}: {escape_markdown(about['name'])}", width="content")
            st.space("stretch")
            _ways_out(key, shown, number, repaired=repaired)
        cluster_actions(key, shown, about)
        _numbers(about)
        left, right = st.columns([3, 2], gap="large")
        with left:
            cluster_facts(shown, about)
        with right:
            confusions(key, ids, repaired=repaired)
        passing = filters.passing_mask(key)
        seen = ids if passing is None else ids[passing[ids]]
        filtered = "" if passing is None else f" that pass the filter, of {len(ids):,}"
        st.markdown(f"**Its samples**, wrong ones first ({min(PICTURES, len(seen))} of {len(seen):,}{filtered})")
        sample_gallery(
            key, seen[:PICTURES], name="clu_gallery", label="Samples of the cluster", repaired=repaired, size=108
        )
        _counter_examples(key, shown, number, repaired=repaired)
        if shown.name == OWN:
            notes(key, f"cluster:{number}")


def _ways_out(key: RunKey, shown: Shown, number: int, *, repaired: bool) -> None:
    """To Examples, to Find more and to CSV."""
    judged = {"ex_fixes": "true"} if repaired else {}
    if shown.is_as_found(number):
        state.page_link("examples", "Open in Examples", icon=":material/photo_library:", ex_cluster=number, **judged)
        find_more_link(cluster=number)
        csv_link(key, "samples", "This cluster as CSV", cluster=number)
    else:
        text = filters.of_cluster(shown.name, number)
        hint = "Opens the gallery with this cluster as the filter of every page"
        if st.button(
            "Open in Examples",
            icon=":material/photo_library:",
            type="tertiary",
            help=hint,
            on_click=filter_by,
            args=(text,),
            key="clu_examples",
        ):
            state.go("examples", **judged)
        find_more_link(cluster=number, clustering=shown.name or "run")
        csv_link(key, "samples", "This cluster as CSV", cluster=number, clustering=shown.name or "run")


def _numbers(about: pd.Series) -> None:
    wrong = f"{about['errors']:,.0f} of {count(about['size'], 'sample')} are wrong"
    st.markdown(
        f"**{wrong}** ({percent(about['error_rate'])}), where {about['expected_errors']:.1f} errors would be expected: "
        f"at least **{about['excess_low']:.1f}** too many (95 %)."
    )
    columns = st.columns(4)
    columns[0].metric("Size", f"{about['size']:,.0f}", border=True, help="Samples in the cluster")
    columns[1].metric("Errors", f"{about['errors']:,.0f}", border=True, help="Wrong samples in the cluster")
    columns[2].metric(
        "Expected errors",
        f"{about['expected_errors']:.1f}",
        border=True,
        help="If its samples failed as often as others of their classes do",
    )
    high = float(about["excess_high"])
    between = f"{about['excess_low']:.1f} to {high:.1f}" if high == high else f"at least {about['excess_low']:.1f}"  # noqa: PLR0124 - NaN
    columns[3].metric(
        "Excess errors",
        f"{about['excess_errors']:.1f}",
        between,
        delta_color="off",
        delta_arrow="off",
        border=True,
        help="Errors beyond the expected, with both 95 % bounds: the ranking goes by the lower one",
    )


def _counter_examples(key: RunKey, shown: Shown, number: int, *, repaired: bool) -> None:
    near, similarity = queries.counter_examples(key, shown, number, repaired=repaired)
    st.markdown("**Counter-examples: near its errors, but correct**")
    if not len(near):
        st.caption(
            "None: no correct sample is among the nearest of this cluster's errors, or the run has no neighbours."
        )
        return
    st.caption("What do these have that the errors above have not? The number is the cosine similarity.")
    badges = [f"{value:.2f}" for value in similarity]
    sample_gallery(key, near, name="clu_counter", label="Counter-examples", badges=badges, repaired=repaired, size=108)
