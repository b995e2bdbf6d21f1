"""The page Clusters: groups of look-alike errors, ranked, and the map of all samples."""

import pandas as pd
import streamlit as st

from app import state
from app.charts.clusters import ranking
from app.components.embedding_map import Addresses, Polygon, embedding_map
from app.queries import clusters as queries
from app.queries import examples, points, runs
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
    repaired = _judgement(key)
    asked = state.link_value(CLUSTER)
    number = state.link_int(CLUSTER)
    about = None if number is None else queries.cluster(key, number)
    sample_drawer(key, None, page="clusters", label="All clusters")
    left, right = st.columns([2, 3], gap="large")
    with left:
        _ranked(key)
    with right:
        if has_map:
            _map(key, about, repaired=repaired)
        else:
            states.not_here("The map", "The projection was skipped, or the network hides its head's input.")
    if asked is not None and about is None:
        states.unknown_in_link("cluster", asked, page="clusters", label="All clusters")
    area = state.link_value(AREA)
    if area is not None:
        _selection(key, area, repaired=repaired)
    if asked is None and area is None and len(excessive := queries.excessive(key)):
        about = excessive.iloc[0]
    if about is not None:
        cluster_card(key, about, repaired=repaired)


def _nothing(key: RunKey) -> None:
    embeddings = runs.open_run(key).run.embeddings
    if embeddings is None:
        states.not_here(
            "A search for failure clusters",
            "It needs embeddings, the input of the head; compiled programs hide it. Give a state dict.",
        )
    else:
        states.pending("The map of all samples, with its clusters,")


def _judgement(key: RunKey) -> bool:
    """Whether predictions are judged after the supported fixes, as the search for clusters did."""
    if not examples.has_repaired(key):
        return False
    today = st.toggle("Judge predictions as they are today", key="clu_today", bind="query-params")
    if not today:
        st.caption(
            "Judged after the supported fixes: what is still wrong then has another cause, which a group may show."
        )
    return not today


def _ranked(key: RunKey) -> None:
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


def _map(key: RunKey, about: pd.Series | None, *, repaired: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader(
            "All samples", width="content", help="Near means that the network sees them alike. The axes have no unit."
        )
        st.space("stretch")
        offered = ["Correctness", "Group", "Cluster"] if runs.is_old(key) is not None else ["Correctness", "Cluster"]
        by = st.segmented_control(
            "Colour", offered, default=offered[0], key="clu_colour", bind="query-params", required=True,
            label_visibility="collapsed",
        )  # fmt: skip

    by = "Repaired" if by == "Correctness" and repaired else by

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


def _selection(key: RunKey, area: str, *, repaired: bool) -> None:
    if points.area_of(area) is None:
        states.empty(
            "The outline in this link cannot be read.",
            icon=":material/link_off:",
            hint="A character got lost when it was copied.",
            action=lambda: state.page_link("clusters", "The page without it", icon=":material/arrow_forward:"),
        )
    else:
        selection_card(key, area, repaired=repaired)


if __name__ == "__main__":
    page()
