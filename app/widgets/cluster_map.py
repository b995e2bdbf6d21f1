"""The embedding map of a run: colours, cluster numbers, and an outline that stands in the URL."""

import pandas as pd
import streamlit as st

from app import state
from app.components.embedding_map import Addresses, embedding_map
from app.queries import points, runs
from app.queries.points import Polygon
from app.queries.runs import RunKey
from app.widgets.sample_gallery import open_sample

AREA = "area"  # plain parameter: the outline drawn on the map


def cluster_map(key: RunKey, about: pd.Series | None, *, repaired: bool) -> None:
    """Draw the map.

    Args:
        key: The run.
        about: The opened cluster's row, or None; it stands out when colours are clusters.
        repaired: Judge predictions after the supported fixes.
    """
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
