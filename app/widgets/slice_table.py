"""Slices as a ranked table; a click on a row opens one."""

import pandas as pd
import streamlit as st

from app.widgets.sorting import Column, in_order, sort_by
from app.widgets.terms import TERMS

SLICE = "slice"  # plain parameter: expression of the opened slice
_COLUMNS = {
    "slice": st.column_config.TextColumn("Slice", width="large", help="An expression, as the filter box takes it."),
    "name": st.column_config.TextColumn("Saved as"),
    "size": st.column_config.NumberColumn("Size", format="localized", help="Its support: how many samples it has."),
    "errors": st.column_config.NumberColumn("Errors", format="localized"),
    "error_rate": st.column_config.NumberColumn("Wrong", format="percent"),
    "lift": st.column_config.NumberColumn("Lift", format="%.2f×", help=TERMS["slice_lift"]),
    "excess": st.column_config.NumberColumn("Excess", format="%+.1f", help=TERMS["slice_excess"]),
    "low": st.column_config.NumberColumn("at least", format="%+.1f"),
    "high": st.column_config.NumberColumn("at most", format="%+.1f"),
    "held_out": st.column_config.TextColumn("On the other half", help=TERMS["slice_held_out"]),
    "p": st.column_config.NumberColumn("p, adjusted", format="%.2g"),
    "holds": st.column_config.CheckboxColumn("Fails", help=TERMS["slice_holds"]),
}


_SORTS = {
    "Surest": Column(name=None),  # those that fail for certain first, then by the least excess
    "Excess": Column(name="excess"),
    "Lift": Column(name="lift"),
    "Share wrong": Column(name="error_rate"),
    "Errors": Column(name="errors"),
    "Size": Column(name="size"),
    "Name": Column(name="slice", largest_first=False),
}


def slice_table(table: pd.DataFrame, opened: str | None) -> None:
    """Draw the table in the order that the link says.

    Args:
        table: Rows of `app.queries.slices.table`.
        opened: Expression of the opened slice, None for none.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = sort_by(_SORTS, "sli_")
    table = in_order(table, _SORTS[order.by], reverse=order.reverse)
    shown = table[list(_COLUMNS)]
    if not (shown["name"] != "").any():
        shown = shown.drop(columns="name")

    widget = order.key("sli_table")

    def chosen() -> None:
        rows = st.session_state[widget].selection.rows
        if rows:
            st.query_params[SLICE] = str(table["slice"].iloc[rows[0]])

    rows = [] if opened is None else [int(row) for row in table.index[table["slice"] == opened][:1]]
    st.dataframe(
        shown, key=widget, hide_index=True, column_config=_COLUMNS, on_select=chosen,
        selection_mode="single-row", selection_default={"selection": {"rows": rows}}, alt="Slices by excess errors",
    )  # fmt: skip
