"""The page Clusters: groups of look-alike errors, ranked, and the map of all samples."""

import streamlit as st

from app import state
from app.queries import clusterings, examples, points, runs
from app.queries import clusters as queries
from app.queries.clusterings import OWN, Shown
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.cluster_actions import edited_by, undo_button
from app.widgets.cluster_card import cluster_card
from app.widgets.cluster_facts import how_it_was_judged
from app.widgets.cluster_map import cluster_map
from app.widgets.cluster_ranking import CLUSTER, cluster_ranking
from app.widgets.clustering_choice import CLUSTERING, clustering_choice, unknown
from app.widgets.live import live
from app.widgets.sample_drawer import sample_drawer


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
    live(key)
    name = state.link_value(CLUSTERING) or OWN
    shown = clusterings.shown(key, name)
    has_map = points.places(key) is not None
    if shown is None:
        states.empty(unknown(name), icon=":material/link_off:", action=_own_clusters)
        return
    if not has_map and shown.table.empty:
        _nothing(key)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        repaired = _judgement(key)
        st.space("stretch")
        clustering_choice(key, name)
    _page(key, shown, repaired=repaired, has_map=has_map)


def _page(key: RunKey, shown: Shown, *, repaired: bool, has_map: bool) -> None:
    asked, number = state.link_value(CLUSTER), state.link_int(CLUSTER)
    about = None if number is None else shown.row(number)
    sample_drawer(key, None, page="clusters", label="All clusters")
    left, right = st.columns([2, 3], gap="large")
    with left:
        cluster_ranking(key, shown, repaired=repaired, opened=None if about is None else int(about["cluster"]))
        _how(key, shown)
    with right:
        if has_map:
            cluster_map(key, shown, about, repaired=repaired)
        else:
            states.not_here("The map", "The projection was skipped, or the network hides its head's input.")
    if asked is not None and about is None:
        states.unknown_in_link("cluster", asked, page="clusters", label="All clusters")
    elif about is not None and int(about["cluster"]) != number:
        st.info(f"Cluster {number} was merged into this one.", icon=":material/merge:")
    # Also beside an outline: drawing one redraws the map only, and who gets the link sees what the sender saw.
    if asked is None and len(excessive := queries.excessive(shown)):
        about = excessive.iloc[0]
    if about is not None:
        cluster_card(key, shown, about, repaired=repaired)


def _how(key: RunKey, shown: Shown) -> None:
    """How the clusters were judged, and who changed them."""
    words = [how_it_was_judged(shown), edited_by(key, shown)]
    if any(words):
        st.caption(" ".join(filter(None, words)))
    if not len(shown.ranked):
        undo_button(key, shown)


def _own_clusters() -> None:
    def forget() -> None:
        st.query_params.pop(CLUSTERING, None)

    st.button("The run's own clusters", on_click=forget, icon=":material/arrow_forward:")


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


if __name__ == "__main__":
    page()
