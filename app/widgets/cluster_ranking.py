"""Failure clusters ranked by errors beyond the expected; a bar opens its cluster."""

import pandas as pd
import streamlit as st

from app.charts.clusters import ranking
from app.queries import clusters as queries
from app.queries import runs
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.cluster_map import AREA
from app.widgets.downloads import csv_link
from app.widgets.text import count

CLUSTER = "cluster"  # plain parameter: the opened cluster
LISTED = 12


def cluster_ranking(key: RunKey) -> None:
    """Draw the ranking, a picker for all others, and the table as CSV."""
    ranked, excessive = runs.clusters(key), queries.excessive(key)
    st.subheader(
        "Ranked by errors beyond the expected",
        help="A cluster is a dense group in embedding space. Expected: as its classes have elsewhere.",
    )
    if excessive.empty:
        among = f"None of the {len(ranked):,} dense groups" if len(ranked) else "No group of look-alike samples"
        states.empty(
            "No failure cluster was found.",
            icon=":material/check_circle:",
            hint=f"{among} has clearly more errors than expected.",
        )
    else:
        _bars(excessive, of=len(ranked))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(ranked) > min(LISTED, len(excessive)):
            _picker(key)
        if len(ranked):
            csv_link(key, "clusters", "All clusters as CSV")


def _bars(excessive: pd.DataFrame, *, of: int) -> None:
    have = "has" if len(excessive) == 1 else "have"
    groups = count(of, "dense group")
    st.caption(f"{len(excessive):,} of {groups} {have} clearly more errors than expected. Select a bar to open one.")

    def chosen() -> None:
        selected = st.session_state["clu_ranking"].selection.points
        if selected:
            _open(int(selected[0]["y"]))

    figure = ranking(excessive.head(LISTED))
    st.plotly_chart(
        figure, key="clu_ranking", on_select=chosen, selection_mode="points", alt="Clusters by excess errors"
    )


def _picker(key: RunKey) -> None:
    numbers = [int(number) for number in runs.clusters(key)["cluster"]]

    def chosen() -> None:
        if st.session_state["clu_more"] is not None:
            _open(st.session_state["clu_more"])

    st.selectbox(
        f"All {len(numbers):,}, by rank",
        numbers,
        index=None,
        key="clu_more",
        placeholder="cluster",
        on_change=chosen,
        width=180,
    )


def _open(number: int) -> None:
    st.query_params[CLUSTER] = str(number)
    st.query_params.pop(AREA, None)
