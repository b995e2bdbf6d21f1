"""The page Clusters: groups of look-alike errors, ranked, and the map of all samples."""

import pandas as pd
import streamlit as st

from app import state
from app.charts.clusters import ranking
from app.components.embedding_map import Addresses, Polygon, embedding_map
from app.queries import clusters as queries
from app.queries import points, runs
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.cluster_card import cluster_card
from app.widgets.downloads import csv_link
from app.widgets.sample_drawer import sample_drawer
from app.widgets.sample_gallery import open_sample
from app.widgets.selection_card import selection_card
from app.widgets.text import count

AREA = "area"  # plain parameter: the outline drawn on the map
CLUSTER = "cluster"
LISTED = 12


def page() -> None:
    """Draw the page."""
    key = state.current_run()
    st.title("Clusters")
    if not runs.has_samples(key):
        states.pending("The search for groups of look-alike errors")
        return
    if runs.size(key) == 0:
        states.empty("This run has no usable samples.", hint="Look at the problems on the Runs page.")
        return
    has_map = points.places(key) is not None
    ranked = runs.clusters(key)
    if not has_map and ranked.empty:
        _nothing(key)
        return
    asked = state.link_value(CLUSTER)
    number = state.link_int(CLUSTER)
    about = None if number is None else queries.cluster(key, number)
    sample_drawer(key, None, page="clusters", label="All clusters")
    left, right = st.columns([2, 3], gap="large")
    with left:
        _ranked(key)
    with right:
        if has_map:
            _map(key, about)
        else:
            states.not_here("The map", "The projection was skipped, or the network hides its head's input.")
    if asked is not None and about is None:
        states.unknown_in_link("cluster", asked, page="clusters", label="All clusters")
    area = state.link_value(AREA)
    if area is not None:
        _selection(key, area)
    if asked is None and area is None and not ranked.empty:
        about = ranked.iloc[0]
    if about is not None:
        cluster_card(key, about)


def _nothing(key: RunKey) -> None:
    embeddings = runs.open_run(key).run.embeddings
    if embeddings is None:
        states.not_here(
            "A search for failure clusters",
            "It needs embeddings, the input of the head; compiled programs hide it. Give a state dict.",
        )
    else:
        states.pending("The map of all samples, with its clusters,")


def _ranked(key: RunKey) -> None:
    ranked = runs.clusters(key)
    st.subheader(
        "Ranked by errors beyond the expected",
        help="A cluster is a dense group in embedding space. Expected: as its classes have elsewhere.",
    )
    if ranked.empty:
        states.empty(
            "No failure cluster was found.",
            icon=":material/check_circle:",
            hint="No group of look-alike samples has clearly more errors than expected.",
        )
        return
    st.caption(f"{count(len(ranked), 'cluster')}. Select a bar to open one.")

    def chosen() -> None:
        selected = st.session_state["clu_ranking"].selection.points
        if selected:
            _open(int(selected[0]["y"]))

    shown = ranked.head(LISTED)
    st.plotly_chart(
        ranking(shown), key="clu_ranking", on_select=chosen, selection_mode="points", alt="Clusters by excess errors"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(ranked) > LISTED:
            _picker(key)
        csv_link(key, "clusters", "All clusters as CSV")


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


def _map(key: RunKey, about: pd.Series | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader(
            "All samples", width="content", help="Near means that the network sees them alike. The axes have no unit."
        )
        st.space("stretch")
        offered = [by for by in points.COLOURINGS if by != "Group" or runs.is_old(key) is not None]
        by = st.segmented_control(
            "Colour", offered, default=offered[0], key="clu_colour", bind="query-params", required=True,
            label_visibility="collapsed",
        )  # fmt: skip

    def selected(polygon: Polygon | None) -> None:
        if polygon is None:
            st.query_params.pop(AREA, None)
        else:
            st.query_params[AREA] = points.area_text(polygon)

    categories = points.colouring(key, by).categories
    if about is not None:
        categories = points.emphasised(categories, points.cluster_words(int(about["cluster"]), str(about["name"])))
    embedding_map(
        Addresses(
            points=state.map_url(key, "map/points"),
            codes=state.map_url(key, f"map/colours/{by}"),
            describe=state.map_url(key, "samples/{}"),
            picture=state.map_url(key, "thumbnails/{}"),
        ),
        categories,
        key="clu_map",
        polygon=points.area_of(state.link_value(AREA)),
        labels=points.cluster_labels(key, None if about is None else int(about["cluster"])),
        on_select=selected,
        on_open=open_sample,
    )
    st.caption("Numbers are clusters. Hold Shift and drag to draw around points; click the map, then the wheel zooms.")


def _selection(key: RunKey, area: str) -> None:
    if points.area_of(area) is None:
        states.empty(
            "The outline in this link cannot be read.",
            icon=":material/link_off:",
            hint="A character got lost when it was copied.",
            action=lambda: state.page_link("clusters", "The page without it", icon=":material/arrow_forward:"),
        )
    else:
        selection_card(key, area)


if __name__ == "__main__":
    page()
