"""How the network sees one class: its row in the last layer against its group, and what lies next to it."""

import numpy as np
import pandas as pd
import streamlit as st

from app.charts import classes as charts
from app.charts import palette
from app.charts.distributions import Mark, distribution, histogram_table
from app.queries import classes as queries
from app.queries.class_search import group_of
from app.queries.passing import EVERY, Filter
from app.queries.runs import RunKey
from app.widgets.text import count

_ROWS = (  # column, what it is called, its axis, hint
    ("head_norm", "Length of its row", "L2 norm of the head's row",
     "A class whose row is much longer than others' wins too often, a short one too seldom."),
    ("head_bias", "Its bias", "bias (logits)", "Logits that the class gets whatever is in the picture."),
)  # fmt: skip


def class_head(key: RunKey, about: pd.Series, where: Filter = EVERY) -> None:
    """Draw the class's row against those of its group, the rows closest to it, and its samples' neighbours.

    Args:
        key: The run.
        about: The class's row of `queries.classes.table`.
        where: A filter; samples are those that pass it.
    """
    index = int(about["class_index"])
    alike = queries.alike_in_head(key, index, where=where)
    near = queries.near_labels(key, index, where=where) if about["support"] else None
    if alike is not None:
        for place, (column, title, axis, hint) in zip(st.columns(2, gap="large"), _ROWS, strict=True):
            with place:
                _against_group(key, index, column, title=title, axis=axis, hint=hint)
    left, right = st.columns(2, gap="large")
    with left:
        if alike is None:
            st.subheader("Closest rows in the head")
            st.caption("The run keeps no row of the last layer for this class.")
        else:
            _closest(alike)
    with right:
        if near is not None:
            _neighbours(key, index, near)


def _against_group(key: RunKey, index: int, column: str, *, title: str, axis: str, hint: str) -> None:
    st.subheader(title, help=hint)
    found, group = queries.standing(key, index, column), group_of(key, index)
    kind = {"old": "old classes", "new": "new classes"}.get(group, "classes")
    if found.others < 1:
        st.caption(f"There are no other {kind} to compare it with.")
        return
    values = queries.of_group(key, index, column)
    if np.ptp(values[np.isfinite(values)]) < 1e-6 * max(1.0, abs(found.value)):
        st.caption(f"{found.value:.2f}, the same as that of all other {found.others:,} {kind}.")
        return
    st.caption(f"{found.value:.2f}: larger than that of {found.share:.0%} of the other {found.others:,} {kind}.")
    table = histogram_table({kind: values}, bins=40)
    mark = Mark(value=found.value, words="this class", colour=palette.ERROR)
    figure = distribution(table, x=axis, colours={kind: palette.GROUP[group]}, height=220, of="classes", mark=mark)
    st.plotly_chart(figure, key=f"cls_{column}", alt=f"{title}, by class")


def _closest(alike: pd.DataFrame) -> None:
    st.subheader(
        "Closest rows in the head",
        help="Cosine of the rows of the last layer: classes near 1 are hard for the head to tell apart.",
    )
    if alike.empty:
        st.caption("Its row is zero or not finite, so it points nowhere.")
        return

    def chosen() -> None:
        rows = st.session_state["cls_alike"].selection.rows
        if rows:
            st.query_params["cls"] = str(int(alike["class_index"].iloc[rows[0]]))

    number = st.column_config.NumberColumn
    st.dataframe(
        alike[["name", "cosine", "taken", "given", "group", "class_index"]],
        hide_index=True,
        row_height=32,
        height=min(330, 32 * (len(alike) + 1) + 6),
        key="cls_alike",
        on_select=chosen,
        selection_mode="single-row",
        column_config={
            "class_index": number("Index", width="small"),
            "name": st.column_config.TextColumn("Class", width="medium"),
            "group": st.column_config.TextColumn("Group", width="small"),
            "cosine": number("Cosine", format="%.3f", width="small"),
            "taken": number("Takes from it", help="Samples of this class predicted as that one", format="localized"),
            "given": number("Gives to it", help="Samples of that class predicted as this one", format="localized"),
        },
    )


def _neighbours(key: RunKey, index: int, near: pd.DataFrame) -> None:
    st.subheader(
        "What its samples lie next to",
        help=f"Labels of the {queries.NEAR} nearest samples of each of its samples, by cosine of the embeddings.",
    )
    if near.empty:
        st.caption("None of its samples has a neighbour.")
        return
    own = near[near["class_index"] == index]
    share = float(own["share"].iloc[0]) if len(own) else 0.0
    st.caption(
        f"{share:.0%} of {count(round(near['count'].sum() / near['share'].sum()), 'neighbour')} are of this class."
    )

    def chosen() -> None:
        points = st.session_state["cls_near"].selection.points
        if points:
            st.query_params["cls"] = str(points[0]["y"])

    figure = charts.thieves(near, x="neighbours of its samples")
    st.plotly_chart(figure, key="cls_near", alt="Labels next to it", on_select=chosen, selection_mode="points")
