"""One failure cluster: how many errors beyond the expected, its pictures, and what is near but correct."""

import pandas as pd
import streamlit as st

from analysis.arrays import IntArray
from app import state
from app.queries import clusters as queries
from app.queries.runs import RunKey
from app.widgets.downloads import csv_link
from app.widgets.sample_gallery import sample_gallery
from app.widgets.text import count, escape_markdown, percent

PICTURES = 24


def cluster_card(key: RunKey, about: pd.Series, *, repaired: bool) -> None:
    """Draw one cluster.

    Args:
        key: The run.
        about: Its row of ``clusters.parquet``.
        repaired: Judge the pictures after the supported fixes.
    """
    number = int(about["cluster"])
    ids = queries.members(key, number, repaired=repaired)
    with st.container(border=True, key="clu_card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"Cluster {number}: {escape_markdown(about['name'])}", width="content")
            st.space("stretch")
            judged = {"ex_fixes": "true"} if repaired else {}
            state.page_link(
                "examples", "Open in Examples", icon=":material/photo_library:", ex_cluster=number, **judged
            )
            csv_link(key, "samples", "This cluster as CSV", cluster=number)
        _numbers(about)
        confusions(key, ids, repaired=repaired)
        st.markdown(f"**Its samples**, wrong ones first ({min(PICTURES, len(ids))} of {len(ids):,})")
        sample_gallery(
            key, ids[:PICTURES], name="clu_gallery", label="Samples of the cluster", repaired=repaired, size=108
        )
        _counter_examples(key, number, repaired=repaired)


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
        help="If its samples failed as often as others do",
    )
    columns[3].metric(
        "Excess errors",
        f"{about['excess_errors']:.1f}",
        f"at least {about['excess_low']:.1f}",
        delta_color="off",
        delta_arrow="off",
        border=True,
        help="Errors beyond the expected, with the lower 95 % bound: the ranking goes by the bound",
    )


def confusions(key: RunKey, ids: IntArray, *, repaired: bool) -> None:
    """One line a pair: what the wrong ones of these samples are taken for."""
    pairs = queries.confused_as(key, ids, repaired=repaired)
    if len(pairs) and pairs["count"].max() == 1:
        st.caption("Among its errors no label → prediction occurs twice.")
        return
    lines = [
        f"{escape_markdown(row.label)} → {escape_markdown(row.prediction)}: {count(row.count, 'sample')}"
        for row in pairs.itertuples(index=False)
    ]
    if lines:
        st.markdown("**Most frequent errors**  \n" + "  \n".join(lines))


def _counter_examples(key: RunKey, number: int, *, repaired: bool) -> None:
    near, similarity = queries.counter_examples(key, number, repaired=repaired)
    st.markdown("**Counter-examples: near its errors, but correct**")
    if not len(near):
        st.caption(
            "None: no correct sample is among the nearest of this cluster's errors, or the run has no neighbours."
        )
        return
    st.caption("What do these have that the errors above have not? The number is the cosine similarity.")
    badges = [f"{value:.2f}" for value in similarity]
    sample_gallery(key, near, name="clu_counter", label="Counter-examples", badges=badges, repaired=repaired, size=108)
