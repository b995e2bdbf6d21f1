"""The drawer with one sample: picture, logits, neighbours, and why it is flagged."""

from html import escape

import numpy as np
import streamlit as st

from analysis.arrays import IntArray
from app import state
from app.charts.examples import top_logits
from app.queries import originals, runs
from app.queries.class_search import class_name
from app.queries.runs import RunKey
from app.queries.sample import Sample, candidates, near, reasons, sample, slices_of
from app.widgets import states
from app.widgets.copy_link import copy_link
from app.widgets.find_more_link import find_more_link
from app.widgets.notes import notes
from app.widgets.sample_gallery import SAMPLE, open_sample, sample_gallery
from app.widgets.sample_training import training_neighbours
from app.widgets.text import count, escape_markdown, percent
from app.widgets.triage import drawer_tags


def sample_drawer(key: RunKey, order: IntArray | None = None, *, page: str, label: str) -> None:
    """Show the drawer when the URL names a sample.

    Args:
        key: The run.
        order: Sample ids that the arrow keys walk through; None for no walking.
        page: This page, to return to from a link that names no sample of this run.
        label: What the way back is called.
    """
    asked = state.link_value(SAMPLE)
    if asked is None:
        return
    number = state.link_int(SAMPLE)
    if number is None or not 0 <= number < runs.size(key):
        states.unknown_in_link("sample", asked, page=page, label=label)
        return
    _drawer(key, order)


def _forget() -> None:
    st.query_params.pop(SAMPLE, None)


@st.dialog("Sample", width="large", position="right", on_dismiss=_forget)
def _drawer(key: RunKey, order: IntArray | None) -> None:
    shown = sample(key, state.link_int(SAMPLE) or 0)
    if shown is None:
        return
    if order is not None:
        _walk(shown.sample_id, order)
    drawer_tags(key, shown.sample_id, _following(shown.sample_id, order))
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _picture(key, shown)
    with right:
        _facts(key, shown)
        copy_link(runs.mark(key), key="copy_link_drawer")  # the header's is out of reach
    _logits(key, shown)
    _neighbours(key, shown)
    training_neighbours(key, shown.sample_id)
    notes(key, f"sample:{shown.sample_id}")
    _origin(shown)


def _following(sample_id: int, order: IntArray | None) -> int | None:
    places = [] if order is None else np.flatnonzero(order == sample_id)
    return int(order[places[0] + 1]) if order is not None and len(places) and places[0] + 1 < len(order) else None


def _walk(sample_id: int, order: IntArray) -> None:
    places = np.flatnonzero(order == sample_id)
    at = int(places[0]) if len(places) else None
    with st.container(horizontal=True, vertical_alignment="center"):
        _step("Previous", "Left", ":material/arrow_back:", None if at is None else at - 1, order)
        _step("Next", "Right", ":material/arrow_forward:", None if at is None else at + 1, order)
        where = "not among the filtered samples" if at is None else f"{at + 1:,} of {len(order):,}"
        st.caption(where, width="content")


def _step(label: str, shortcut: str, icon: str, to: int | None, order: IntArray) -> None:
    possible = to is not None and 0 <= to < len(order)
    st.button(
        label,
        icon=icon,
        shortcut=shortcut,
        disabled=not possible,
        on_click=open_sample,
        args=(int(order[to]) if possible and to is not None else 0,),
        key=f"drawer_{label.lower()}",
    )


def _picture(key: RunKey, shown: Sample) -> None:
    """The file itself where it can be shown, else the small picture that the run keeps; and which it is."""
    found = originals.original(key, shown.sample_id)
    if found.path is not None:
        source = escape(state.original_url(key, shown.sample_id))
        st.html(
            f'<a href="{source}" target="_blank" title="Open in full size"><img src="{source}" '
            f'alt="Sample {shown.sample_id}" style="width:100%;max-height:60vh;object-fit:contain;border-radius:6px;'
            'background:rgba(128,128,128,.15)"></a>'
        )
        st.caption("The original file; a click opens it in full size.")
        return
    picture = runs.open_run(key).run.thumbnail(shown.sample_id)
    if picture is None:
        states.empty("This run keeps no picture of this sample.", icon=":material/hide_image:")
    else:
        st.image(picture, width=320, alt=f"Sample {shown.sample_id}")
        st.caption(f"The run's small picture: {found.reason}.")


def _facts(key: RunKey, shown: Sample) -> None:
    icon, colour, word = ("check", "green", "correct") if shown.correct else ("close", "red", "wrong")
    st.badge(word, icon=f":material/{icon}:", color=colour)
    group = {"old": " (old class)", "new": " (new class)"}
    st.markdown(f"**Label** {escape_markdown(shown.label)}{group.get(shown.label_group, '')}")
    st.markdown(f"**Prediction** {escape_markdown(shown.prediction)}{group.get(shown.prediction_group, '')}")
    if shown.prediction_repaired_index is not None and shown.prediction_repaired_index >= 0:
        after = class_name(key, shown.prediction_repaired_index)
        word = "correct" if shown.prediction_repaired_index == shown.label_index else "wrong"
        st.markdown(f"**After the supported fixes** {escape_markdown(after)} ({word})")
    st.markdown(_numbers(shown))
    for finding, title, score in reasons(key, shown.sample_id):
        strength = "" if score is None else f" (score {score:.2f})"
        state.page_link(
            "checklist", f"Flagged: {escape_markdown(title)}{strength}", icon=":material/flag:", finding=finding
        )
    if shown.cluster >= 0:
        state.page_link(
            "clusters", f"In cluster {shown.cluster}", icon=":material/bubble_chart:", cluster=shown.cluster
        )
    for text in slices_of(key, shown.sample_id):
        state.page_link("slices", f"In the failing slice {escape_markdown(text)}", icon=":material/content_cut:")
    state.page_link("classes", "All about this class", icon=":material/category:", cls=shown.label_index)
    find_more_link(ids=shown.sample_id)


def _numbers(shown: Sample) -> str:
    rank = f"rank {shown.label_rank + 1:,} of all classes" if np.isfinite(shown.loss) else "no output for this label"
    entropy, margin = _number(shown.entropy), _number(shown.margin)
    lines = [
        f"Loss **{_number(shown.loss)}** nats · label at {rank}",
        f"Confidence **{percent(shown.confidence)}** · entropy {entropy} nats · margin {margin}",
    ]
    if np.isfinite(shown.label_quality):
        lines.append(f"Label quality {shown.label_quality:.2f} (0 = the label is likely wrong, 1 = likely right)")
    return "  \n".join(lines)


def _number(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "–"


def _logits(key: RunKey, shown: Sample) -> None:
    st.subheader("Largest logits", help="What the head gave its favourite classes, before the softmax.")
    st.plotly_chart(
        top_logits(candidates(key, shown.sample_id)),
        key="drawer_logits",
        alt="Bars of the largest logits of this sample",
    )


def _neighbours(key: RunKey, shown: Sample) -> None:
    found = near(key, shown.sample_id)
    st.subheader("Nearest in embedding space", help="What the network sees as most alike, by cosine similarity.")
    if found is None or found.empty:
        st.caption("This run has no neighbour graph: the network hides its head's input, or the stage was skipped.")
        return
    st.caption(_agreement(key, shown, found["sample_id"].to_numpy()))
    sample_gallery(
        key,
        found["sample_id"].tolist(),
        name="drawer_neighbours",
        label="Nearest samples",
        badges=[f"{value:.2f}" for value in found["similarity"]],
        size=104,
    )


def _agreement(key: RunKey, shown: Sample, neighbours: IntArray) -> str:
    """How many neighbours carry the same label, and which other label most of them carry instead."""
    labels = runs.column(key, "label_index")[neighbours]
    same = int((labels == shown.label_index).sum())
    sentence = f"{same} of {count(len(neighbours), 'neighbour')} carry the same label."
    others, counts = np.unique(labels[labels != shown.label_index], return_counts=True)
    if len(others) and counts.max() > same:
        name = escape_markdown(class_name(key, int(others[counts.argmax()])))
        sentence += f" Most others carry “{name}” ({counts.max()})."
    return sentence


def _origin(shown: Sample) -> None:
    st.subheader("Where it comes from")
    st.text(shown.filepath)
    for name, value in shown.metadata.items():
        st.text(f"{name}: {value}")
    st.caption(f"sample_id {shown.sample_id}")
