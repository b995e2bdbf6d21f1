"""All about one class: its numbers, who takes its samples, whose samples it takes, its logits, its pictures."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from app import state
from app.charts import classes as charts
from app.charts import palette
from app.charts.distributions import distribution, histogram_table
from app.queries import classes as queries
from app.queries.passing import EVERY, Filter
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.class_head import class_head
from app.widgets.class_table import SHRUNK
from app.widgets.notes import notes
from app.widgets.sample_drawer import sample_drawer
from app.widgets.sample_gallery import sample_gallery
from app.widgets.text import count, escape_markdown, percent

PICTURES = 24
RIVALS = {"this class": palette.CORRECT, "strongest other class": palette.ERROR}


def class_detail(key: RunKey, about: pd.Series, where: Filter = EVERY) -> None:
    """Draw the whole page of one class.

    Args:
        key: The run.
        about: Its row of `queries.classes.table`.
        where: A filter; counts and pictures are of the samples that pass it.
    """
    index = int(about["class_index"])
    _head(about)
    _numbers(about)
    if not about["support"] and not about["predicted"]:
        states.empty(
            "No sample has this label, and none was predicted as it.", hint="Nothing can be said about this class."
        )
        return
    left, right = st.columns(2, gap="large")
    with left:
        _thieves("Who takes its samples", queries.stolen_by, key, index, where, "samples of this class")
    with right:
        _thieves("Whose samples it takes", queries.stolen_from, key, index, where, "samples predicted as this class")
    if about["support"]:
        _logits(key, index, where)
    class_head(key, about, where)
    if about["support"]:
        _pictures(key, index, where)
    notes(key, f"class:{index}")


def _head(about: pd.Series) -> None:
    if st.button("All classes", icon=":material/arrow_back:", type="tertiary"):
        st.query_params.pop("cls", None)
        st.rerun()
    st.title(escape_markdown(about["name"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        if about["group"] in ("old", "new"):
            st.badge(f"{about['group']} class", color="blue" if about["group"] == "old" else "orange")
        st.caption(f"index {about['class_index']}", width="content")
        if about["support"]:
            st.caption(f"recall: {_interval(about)}", width="content")


def _numbers(about: pd.Series) -> None:
    numbers = (
        ("Recall", percent(about["recall"]), f"Share of its samples that are correct; {_interval(about)}"),
        ("Shrunk recall", percent(about["recall_shrunk"]), f"{SHRUNK} {_shrunk(about)}"),
        ("Precision", percent(about["precision"]), "Share of its predictions that are correct"),
        ("Support", f"{about['support']:,}", "Samples with this label"),
        ("Predicted", f"{about['predicted']:,}", "Samples predicted as this class"),
        ("Mean loss", _number(about["mean_loss"]), "Cross-entropy of its samples, in nats"),
        ("Head norm", _number(about["head_norm"]), "L2 norm of its row in the last layer"),
        ("Head bias", _number(about["head_bias"]), "Bias of its output, in logits"),
    )
    with st.container(horizontal=True, gap="small"):
        for label, value, hint in numbers:
            st.metric(label, value, border=True, help=hint, width=142)


def _interval(about: pd.Series) -> str:
    return f"95 % interval {percent(about['recall_low'], 0)} to {percent(about['recall_high'], 0)} (Wilson)"


def _shrunk(about: pd.Series) -> str:
    return f"95 % interval {percent(about['shrunk_low'], 0)} to {percent(about['shrunk_high'], 0)}"


def _number(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "–"


def _thieves(  # noqa: PLR0917
    title: str, query: Callable[..., pd.DataFrame], key: RunKey, index: int, where: Filter, x: str
) -> None:
    st.subheader(title)
    found = query(key, index, where=where)
    if found.empty:
        st.caption("None.")
        return
    name = f"cls_{query.__name__}_{index}"

    def chosen() -> None:
        points = st.session_state[name].selection.points
        if points:
            st.query_params["cls"] = str(points[0]["y"])

    st.plotly_chart(charts.thieves(found, x=x), key=name, alt=title, on_select=chosen, selection_mode="points")
    st.caption("Select a bar to open that class.")


def _logits(key: RunKey, index: int, where: Filter) -> None:
    st.subheader("Its logit against the strongest other class", help="Over the samples with this label.")
    table = histogram_table(queries.rivals(key, index, where), bins=40)
    if table["count"].sum():
        st.plotly_chart(
            distribution(table, x="logit", colours=RIVALS, height=260), key="cls_logits", alt="Logits of the class"
        )
    else:
        st.caption("This label has no output in the head, so it has no logit.")


def _pictures(key: RunKey, index: int, where: Filter) -> None:
    ids = queries.worst_samples(key, index, where)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Its worst samples", width="content")
        st.space("stretch")
        state.page_link(
            "examples", f"All {count(len(ids), 'sample')}", icon=":material/photo_library:", ex_label=f"#{index}"
        )
    sample_drawer(key, ids, page="classes", label="All classes")
    sample_gallery(key, ids[:PICTURES], name="cls_gallery", label="Worst samples of the class")
