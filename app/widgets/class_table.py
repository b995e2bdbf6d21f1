"""The table of classes: sorted, searched and paged on the server, so that 200,000 rows stay light."""

import pandas as pd
import streamlit as st

from analysis.reports.shrunk_recall import LEAST
from app.queries import classes as queries
from app.queries import runs
from app.queries.classes import Filters
from app.queries.passing import EVERY, Filter
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.downloads import csv_link
from app.widgets.one_of import one_of
from app.widgets.sorting import sort_by
from app.widgets.text import count, escape_markdown

PER_PAGE = 100
SHRUNK = (
    "Recall given what classes of the same group usually have: few samples are pulled towards the group's mean, many "
    "speak for themselves (empirical Bayes, beta-binomial)."
)
LOW = (
    f"Said only where at least {LEAST} samples leave no doubt that the class lies below the mean of its group, with "
    "and without shrinking. A class with 0 of 3 right is never called low."
)


def class_table(key: RunKey, where: Filter = EVERY) -> None:
    """Draw the filters, the table and its pager; a selected row opens the class.

    `where` is a filter: counts are of the samples that pass it.
    """
    filters = _filter_bar(key, where)
    order = queries.ordered(key, filters)
    if not len(order):
        if filters.text:
            said = f"No class matches “{escape_markdown(filters.text)}” and the other filters."
        else:
            said = "No class passes these filters."
        states.empty(said, icon=":material/filter_alt_off:", hint="Take one of the filters away.")
        return
    pages = -(-len(order) // PER_PAGE)
    place = st.container()
    number = st.pagination(pages, key="cls_page", bind="query-params") if pages > 1 else 1
    rows = order[(number - 1) * PER_PAGE : number * PER_PAGE]
    with place:
        st.caption(f"{count(len(order), 'class', 'classes')}. Select a row for its pictures and who takes its samples.")
        _table(queries.table(key, where).iloc[rows], split=runs.is_old(key) is not None)


def _intervals(low: pd.Series, high: pd.Series) -> list[str]:
    return [
        f"{100 * bottom:.0f}–{100 * top:.0f} %" if bottom == bottom else "–"  # noqa: PLR0124 - NaN
        for bottom, top in zip(low, high, strict=True)
    ]


def _restart() -> None:
    st.session_state["cls_page"] = 1


def _filter_bar(key: RunKey, where: Filter) -> Filters:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Class", key="cls_text", bind="query-params", on_change=_restart, placeholder="name or #index", width=220,
            help="Part of a name, or `#12` for the class with index 12.",
        )  # fmt: skip
        order = sort_by(queries.SORTS, "cls_", on_change=_restart)
        group = "All"
        if runs.is_old(key) is not None:
            group = one_of("Group", queries.GROUPS, key="cls_group", on_change=_restart)
        empty = st.toggle("Also without samples", key="cls_empty", bind="query-params", on_change=_restart)
        st.space("stretch")
        filters = Filters(
            text=text.strip(),
            group=group,
            with_samples=not empty,
            sort=order.by,
            reverse=order.reverse,
            where=where,
        )
        told = "counted over the samples that pass the filter above" if where else "counted over all samples"
        csv_link(
            key, "classes", "These classes as CSV", hint=f"The classes listed here, in this order, {told}",
            **queries.in_link(filters),
        )  # fmt: skip
    return filters


def _table(rows: pd.DataFrame, *, split: bool) -> None:
    def chosen() -> None:
        selected = st.session_state["cls_table"].selection.rows
        if selected:
            st.query_params["cls"] = str(int(rows["class_index"].iloc[selected[0]]))

    shown = rows.assign(
        interval=_intervals(rows["recall_low"], rows["recall_high"]),
        shrunk_interval=_intervals(rows["shrunk_low"], rows["shrunk_high"]),
        verdict=["▼ surely low" if low else "" for low in rows["is_low"]],
    )
    columns = ["class_index", "name", "group", "support", "errors", "recall", "interval", "recall_shrunk",
               "shrunk_interval", "verdict", "precision", "predicted", "mean_loss", "head_norm",
               "head_bias"]  # fmt: skip
    shown = shown[[name for name in columns if split or name != "group"]]
    percent = {"format": "percent", "min_value": 0, "max_value": 1}
    number = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        row_height=35,
        height=min(633, 35 * (len(shown) + 1) + 3),
        key="cls_table",
        on_select=chosen,
        selection_mode="single-row",
        column_config={
            "class_index": number("Index", width="small"),
            "name": st.column_config.TextColumn("Class", width="medium"),
            "group": st.column_config.TextColumn("Group", width="small"),
            "support": number("Support", help="Samples with this label", format="localized"),
            "errors": number("Errors", help="Samples with this label that are wrong", format="localized"),
            "recall": st.column_config.ProgressColumn(
                "Recall", help="Share of its samples that are correct", **percent
            ),
            "interval": st.column_config.TextColumn("95 % interval", help="Of the recall, after Wilson"),
            "recall_shrunk": st.column_config.ProgressColumn("Shrunk recall", help=SHRUNK, **percent),
            "shrunk_interval": st.column_config.TextColumn("Its interval", help="95 %, of the shrunk recall"),
            "verdict": st.column_config.TextColumn("Low?", help=LOW),
            "precision": st.column_config.ProgressColumn(
                "Precision", help="Share of the predictions of this class that are correct", **percent
            ),
            "predicted": number("Predicted", help="Samples predicted as this class", format="localized"),
            "mean_loss": number("Mean loss", help="Cross-entropy in nats", format="%.2f"),
            "head_norm": number("Head norm", help="L2 norm of the class's row in the last layer", format="%.2f"),
            "head_bias": number("Head bias", help="In logits", format="%.2f"),
        },
    )
