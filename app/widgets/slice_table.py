"""Slices as a ranked table; a click on a row opens one."""

import pandas as pd
import streamlit as st

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


def slice_table(table: pd.DataFrame, opened: str | None) -> None:
    """Draw the table.

    Args:
        table: Rows of `app.queries.slices.table`.
        opened: Expression of the opened slice, None for none.
    """
    shown = table[list(_COLUMNS)]
    if not (shown["name"] != "").any():
        shown = shown.drop(columns="name")

    def chosen() -> None:
        rows = st.session_state["sli_table"].selection.rows
        if rows:
            st.query_params[SLICE] = str(table["slice"].iloc[rows[0]])

    rows = [] if opened is None else [int(row) for row in table.index[table["slice"] == opened][:1]]
    st.dataframe(
        shown, key="sli_table", hide_index=True, column_config=_COLUMNS, on_select=chosen,
        selection_mode="single-row", selection_default={"selection": {"rows": rows}}, alt="Slices by excess errors",
    )  # fmt: skip
