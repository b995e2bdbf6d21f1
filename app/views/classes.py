"""The page Classes: every class in a table, the confusions between them, and all about one class."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app import state
from app.charts import classes as charts
from app.charts import palette
from app.charts.distributions import distribution
from app.queries import classes as queries
from app.queries import confusions, passing, runs
from app.queries.passing import Filter
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.class_detail import class_detail
from app.widgets.class_table import class_table
from app.widgets.downloads import csv_link
from app.widgets.in_view import in_view
from app.widgets.one_of import one_of
from app.widgets.sorting import Column, in_order, sort_by
from app.widgets.text import count, percent

TOPS = ("10", "20", "40")
CLASSES = "Classes"
PAIRS_PER_PAGE = 50
_PAIR_SORTS = {"Samples": Column(name=None), "Share of the label": Column(name="share")}


def page() -> None:
    """Draw the page."""
    key = state.current_run()
    where = passing.current(key)
    asked = state.link_value("cls")
    if runs.classes(key).empty:
        st.title("Classes")
        states.pending("The table of classes")
    elif asked is None:
        st.title("Classes")
        _all_classes(key, where)
    elif (about := queries.row(key, -1 if (index := state.link_int("cls")) is None else index, where)) is None:
        st.title("Classes")
        states.unknown_in_link("class", asked, page="classes", label="All classes")
    else:
        class_detail(key, about, where)


def _all_classes(key: RunKey, where: Filter) -> None:
    view = one_of("View", ["Table", "Confusions"], key="cls_view", label_visibility="collapsed")
    if view == "Confusions":
        _confusions(key, where)
    else:
        in_view("cls_recalls_near", partial(_recalls, key, where), height=230, about=where)
        class_table(key, where)


def _recalls(key: RunKey, where: Filter) -> None:
    table = queries.recalls(key, where)
    if table is not None:
        colours = {f"{group} classes": colour for group, colour in palette.GROUP.items()}
        figure = distribution(table, x="recall of the class (%)", colours=colours, height=230, of="classes")
        st.plotly_chart(figure, key="cls_recalls", alt="How many classes have which recall")


def _confusions(key: RunKey, where: Filter) -> None:
    if confusions.pairs(key, "All", where).empty:
        states.empty("No sample was taken for another class.", icon=":material/check_circle:")
        return
    parts = confusions.blocks(key, where)
    if parts is None:
        st.caption("Without the list of old classes the confusions are not split into old and new.")
    else:
        st.subheader("Where the samples of each group go")
        figure = charts.blocks(parts)
        in_view("cls_blocks_near", partial(_blocks, figure), height=figure.layout.height, about=where)
    _pairs(key, where)
    left, right = st.columns([1, 2], gap="large")
    with left:
        st.subheader("Who takes the most", help="Classes that most samples of other classes are taken for.")
        in_view("cls_thieves_near", partial(_thieves, key, where), height=500, about=where, opens="cls")
    with right:
        _matrix(key, where)


def _blocks(figure: go.Figure) -> None:
    st.plotly_chart(figure, key="cls_blocks", alt="Correct and wrong shares by the label's group")


def _restart() -> None:
    st.session_state["cls_pairs_page"] = 1


def _pairs(key: RunKey, where: Filter) -> None:
    st.subheader("Most confused pairs")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        block = "All"
        if runs.is_old(key) is not None:
            block = one_of("Label → prediction", confusions.BLOCKS, key="cls_block", on_change=_restart)
        order = sort_by(_PAIR_SORTS, "cls_pairs_", on_change=_restart)
        st.space("stretch")
        told = "among the samples that pass the filter above" if where else "of all samples"
        chosen = {"where": where.text} if where else {}
        csv_link(
            key, "confusions", "All pairs as CSV", hint=f"Every label and prediction with its count {told}", **chosen
        )
    frame = in_order(confusions.pairs(key, block, where), _PAIR_SORTS[order.by], reverse=order.reverse)
    if frame.empty:
        states.empty("No sample was confused this way.", icon=":material/check_circle:")
        return
    pages = -(-len(frame) // PAIRS_PER_PAGE)
    place = st.container()
    number = st.pagination(pages, key="cls_pairs_page", bind="query-params") if pages > 1 else 1
    shown = frame.iloc[(number - 1) * PAIRS_PER_PAGE : number * PAIRS_PER_PAGE]
    with place:
        found = f"{count(len(frame), 'pair')}, {count(int(frame['count'].sum()), 'sample')}"
        st.caption(f"{found}. Select a row to open its label.")
        _pair_table(key, shown, order.key("cls_pair_table"))


def _pair_table(key: RunKey, shown: pd.DataFrame, widget: str) -> None:
    def chosen() -> None:
        rows = st.session_state[widget].selection.rows
        if rows:
            st.query_params["cls"] = str(int(shown["label_index"].iloc[rows[0]]))

    st.dataframe(
        confusions.named_pairs(key, shown),
        hide_index=True,
        row_height=35,
        height=min(423, 35 * (len(shown) + 1) + 3),
        key=widget,
        on_select=chosen,
        selection_mode="single-row",
        column_config={
            "label": st.column_config.TextColumn("Label", width="medium"),
            "prediction": st.column_config.TextColumn("Predicted as", width="medium"),
            "count": st.column_config.NumberColumn("Samples", format="localized"),
            "share": st.column_config.ProgressColumn(
                "Of the label's samples", format="percent", min_value=0, max_value=1
            ),
        },
    )


def _thieves(key: RunKey, where: Filter) -> None:
    def chosen() -> None:
        points = st.session_state["cls_thieves"].selection.points
        if points:
            st.query_params["cls"] = str(points[0]["y"])

    figure = charts.thieves(confusions.thieves(key, where=where), x="samples of other classes")
    st.plotly_chart(
        figure, key="cls_thieves", on_select=chosen, selection_mode="points", alt="Classes that take the most"
    )
    st.caption("In brackets: the share of all errors. Select a bar to open that class.")


def _matrix(key: RunKey, where: Filter) -> None:
    st.subheader(
        "Matrix of the most confused classes", help="All other classes together are the row and column “other”."
    )
    levels = confusions.levels(key, where)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        top = one_of("Shown", TOPS, key="cls_top")
        level = CLASSES
        if levels:
            level = one_of(
                "Level",
                [CLASSES, *(f"Level {number}" for number in range(1, len(levels) + 1))],
                key="cls_level",
                hint="Classes, or the larger groups they belong to after the hierarchy of the investigation.",
            )
    draw = partial(_matrix_of, key, level, int(top), where)
    in_view("cls_matrix_near", draw, height=560, about=(level, top, where))


def _matrix_of(key: RunKey, level: str, top: int, where: Filter) -> None:
    levels = confusions.levels(key, where)
    if level == CLASSES:
        found = confusions.matrix(key, top, where)
        if not levels:
            st.caption(
                "Larger groups of classes can be shown here, too: name a file of class → parent as `hierarchy` below "
                "`[classes]`."
            )
    else:
        number = int(level.removeprefix("Level "))
        about = levels[number - 1]
        st.caption(f"{count(len(about.names), 'group')}. {percent(about.stays)} of all errors stay within their group.")
        found = confusions.level_matrix(key, number, top, where)
    if found is None:
        states.empty("No sample was taken for a class of another group.", icon=":material/check_circle:")
        return
    figure = charts.confusion_matrix(found.names, found.counts, dark=st.context.theme.type == "dark")
    st.plotly_chart(figure, key="cls_matrix", alt="Confusions between the most confused classes")


if __name__ == "__main__":
    page()
