"""The embedding map of a run with its colours, what is selected on it, and how far it can be believed."""

import pandas as pd
import streamlit as st

from app import state
from app.components.embedding_map import Addresses, embedding_map
from app.queries import colourings, filters, outlines, points, runs
from app.queries.clusterings import Shown
from app.queries.outlines import Area
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.sample_gallery import SAMPLE, open_sample
from app.widgets.selection_card import selection_card
from app.widgets.terms import TERMS
from app.widgets.text import count

AREA = "area"  # plain parameter: the outlines drawn on the map
COLOUR = "clu_colour"


def cluster_map(key: RunKey, shown: Shown, about: pd.Series | None, *, repaired: bool) -> None:
    """Draw the map and, below it, the card of what is selected; a selection runs these two anew, not the page.

    Args:
        key: The run.
        shown: The clustering whose numbers stand on it.
        about: The opened cluster's row, or None; it stands out when colours are clusters.
        repaired: Judge predictions after the supported fixes.
    """
    _map_and_selection(key, shown, about, state.link_value(SAMPLE), repaired=repaired)


@st.fragment
def _map_and_selection(
    key: RunKey, shown: Shown, about: pd.Series | None, opened: str | None, *, repaired: bool
) -> None:
    if state.link_value(SAMPLE) != opened:  # the drawer belongs to the page
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader(
            "All samples", width="content", help="Near means that the network sees them alike. The axes have no unit."
        )
        st.space("stretch")
        offered = colourings.offered(key)
        colour = st.selectbox("Colour by", list(offered), key=COLOUR, bind="query-params", width=220)
    _trust(key)
    by = colourings.by_clustering(shown) if offered[colour] == "Cluster" else offered[colour]
    _map(key, shown, by, about, repaired=repaired)
    _say_unplaced(key)
    area = state.link_value(AREA)
    if area is not None and outlines.area_of(area) is None:
        states.empty(
            "The outline in this link cannot be read.",
            icon=":material/link_off:",
            hint="A character got lost when it was copied.",
            action=lambda: state.page_link("clusters", "The page without it", icon=":material/arrow_forward:"),
        )
    elif area is not None:
        selection_card(key, area, repaired=repaired)


def _trust(key: RunKey) -> None:
    found = points.trustworthiness(key)
    if found is None:
        st.caption("How far this map can be believed was not measured.", help=TERMS["trustworthiness"])
        return
    overall, _, references = found
    strangers = int(points.torn(key).sum())
    st.caption(
        f"Trustworthiness **{overall:.2f}** (1 = perfect, 0.5 = chance; among {count(references, 'sample')}). "
        f"{count(strangers, 'sample')} {'stands' if strangers == 1 else 'stand'} among strangers.",
        help=TERMS["trustworthiness"],
    )


def _map(key: RunKey, shown: Shown, by: str, about: pd.Series | None, *, repaired: bool) -> None:
    where = filters.current()
    found = colourings.colouring(key, by, repaired=repaired)
    categories = colourings.counted(found, filters.passing_mask(key))
    if about is not None:
        words = colourings.cluster_words(int(about["cluster"]), str(about["name"]))
        categories = colourings.emphasised(categories, words)
    asked: dict[str, str | int] = {"by": by, "repaired": int(repaired)}
    if where:
        asked["where"] = where
    embedding_map(
        Addresses(
            points=state.map_url(key, "map/points"),
            codes=state.map_url(key, "map/colours", **asked),
            wrong=state.map_url(key, "map/wrong", repaired=int(repaired)),
            density=state.map_url(key, "map/density", **asked),
            cell=state.map_url(key, "map/cell", **asked),
            describe=state.map_url(key, "samples/{}"),
            picture=state.map_url(key, "thumbnails/{}"),
        ),
        categories,
        key="clu_map",
        bounds=points.bounds(key),
        count=runs.size(key),
        area=outlines.area_of(state.link_value(AREA)),
        labels=points.cluster_labels(key, shown, None if about is None else int(about["cluster"])),
        note=found.note,
        has_trust=points.trustworthiness(key) is not None,
        on_select=_select,
        on_open=open_sample,
    )
    st.caption(
        "Numbers are clusters; lines lead to a sample's nearest in the original space. Hold Shift and drag to draw, "
        "again to add, Alt to take away; click the map, then the wheel zooms and arrow keys walk."
    )


def _select(area: Area | None) -> None:
    if area is None:
        st.query_params.pop(AREA, None)
    else:
        st.query_params[AREA] = outlines.area_text(area)


def _say_unplaced(key: RunKey) -> None:
    missing = points.unplaced(key)
    if missing:
        st.caption(
            f":material/warning: {count(missing, 'sample')} {'is' if missing == 1 else 'are'} not on the map: "
            "the embedding is zero or not finite."
        )
