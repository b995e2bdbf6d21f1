"""The page Find more: pictures of the unlabelled pool, or of the training set, that are like some samples."""

import pandas as pd
import streamlit as st

from analysis.arrays import IntArray
from analysis.errors import AnalysisError
from analysis.pool.pool import TRAINING, UNLABELED
from analysis.pool.search import MOST_QUERIES
from app import state
from app.components.gallery import Tile, gallery
from app.queries import pools, runs
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.one_of import one_of
from app.widgets.pool_state import pool_state
from app.widgets.text import count, escape_markdown
from app.widgets.thumbnails import Picture, strip

KINDS = {"Unlabelled pool": UNLABELED, "Training set": TRAINING}
NUMBERS = ("24", "48", "96")
FOUND = "found"  # the plain parameter that names an opened picture of the pool
_ASKED_SHOWN = 14


def page() -> None:
    """Draw the page."""
    key = state.current_run()
    st.title("Find more like these")
    if not runs.has_samples(key):
        states.pending("The search for more pictures")
        return
    if runs.open_run(key).run.embeddings is None:
        states.not_here(
            "The search for more pictures",
            "It needs embeddings, the input of the head; compiled programs hide it. Give a state dict.",
        )
        return
    params = {name: value for name in pools.CHOOSING if (value := _value(name))}
    try:
        samples = pools.samples(key, params)
    except AnalysisError as error:
        states.empty(escape_markdown(error), icon=":material/link_off:")
        return
    if samples is None:
        _nothing_chosen()
    elif not len(samples):
        states.empty("No sample is chosen.", icon=":material/filter_alt_off:", hint="Take a part of the choice away.")
    else:
        _search(key, params, samples)


def _value(name: str) -> str | None:
    """What the link says; a sample by itself is a list of one."""
    if name == "ids":
        return state.link_value("ids") or state.link_value("sample")
    return state.link_value(name)


def _nothing_chosen() -> None:
    states.empty(
        "Choose what to look for.",
        icon=":material/travel_explore:",
        hint="Open a cluster, a selection on the map, a slice or a sample and take “Find more like these” there; or "
        "write a filter above: the samples that pass it are looked for.",
        action=lambda: state.page_link("clusters", "To the clusters", icon=":material/bubble_chart:"),
    )


def _search(key: RunKey, params: dict[str, str], samples: IntArray) -> None:
    with st.container(border=True, gap="xsmall"):
        spread = "" if len(samples) <= MOST_QUERIES else f"; asked with {MOST_QUERIES} of them, spread evenly"
        st.markdown(f"**Looking for more like {count(len(samples), 'sample')}**{spread}")
        label = runs.column(key, "label")
        strip(key, [Picture(sample_id=int(i), caption=str(label[i])) for i in samples[:_ASKED_SHOWN]], size=72, rows=1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        where = one_of("Search in", list(KINDS), key="more_in")
        order = one_of(
            "Choose", ["Diverse", "Nearest"], key="more_order",
            hint="Diverse: of the five times as many nearest, those least like each other (greedy max-min), so that "
            "labels are not spent on the same picture twice. Nearest: by cosine to the nearest of your samples.",
        )  # fmt: skip
        number = one_of("Pictures", NUMBERS, key="more_k")
        st.space("stretch")
        kind = KINDS[where]
        if pools.state(key, kind) is not None:
            address = state.alike_url(key, kind, **params, k=number, order=order.lower())
            st.link_button(
                "CSV to label", address, icon=":material/download:",
                help="Paths of these pictures with similarity, the sample each is like, and the model's guess",
            )  # fmt: skip
    if pool_state(key, kind):
        try:
            found = pools.found(key, kind, params, int(number), diverse=order == "Diverse")
        except AnalysisError as error:
            states.empty(escape_markdown(error), icon=":material/block:")
            return
        _results(key, kind, found)


def _results(key: RunKey, kind: str, found: pd.DataFrame) -> None:
    if found.empty:
        states.empty("Nothing in this set can be compared.", icon=":material/inbox:")
        return
    st.caption(
        f"{count(len(found), 'picture')}, cosine {found['similarity'].max():.2f} to {found['similarity'].min():.2f}. "
        "The name is the model's guess. Copies of validation pictures are left out."
    )
    opened = pools.pool(key, kind)
    version = "" if opened is None else str(opened.facts["key"])[:12]
    tiles = [
        Tile(
            sample_id=int(row["row"]),
            source=state.pool_picture_url(key, kind, int(row["row"]), version),
            title=str(row.get("label") or row["prediction"]),
            subtitle=f"→ {row['prediction']}" if row.get("label") else f"like {row['nearest_label']}",
            badge=f"{row['similarity']:.2f}",
        )
        for row in found.to_dict("records")
    ]

    def open_found(row: int) -> None:
        st.query_params[FOUND] = str(row)

    gallery(tiles, key="more_gallery", label="Pictures like these", on_open=open_found, selected=state.link_int(FOUND))
    chosen = found[found["row"] == state.link_int(FOUND)]
    if len(chosen):
        _about(key, kind, chosen.iloc[0])


def _forget() -> None:
    st.query_params.pop(FOUND, None)


@st.dialog("Picture of the pool", width="medium", position="right", on_dismiss=_forget)
def _about(key: RunKey, kind: str, about: pd.Series) -> None:
    picture = pools.picture(key, kind, int(about["row"]))
    if picture is not None:
        st.image(picture, width=320, alt="The picture")
    if about.get("label"):
        st.markdown(f"**Label** {escape_markdown(about['label'])}")
    st.markdown(f"**The model's guess** {escape_markdown(about['prediction'])} ({about['confidence']:.0%})")
    nearest = int(about["nearest_sample_id"])
    st.markdown(
        f"**Most like** sample {nearest}, {escape_markdown(about['nearest_label'])} ({about['similarity']:.3f})"
    )
    strip(key, [Picture(sample_id=nearest, caption=str(about["nearest_label"]))], size=128)
    st.text(str(about["filepath"]))


if __name__ == "__main__":
    page()
