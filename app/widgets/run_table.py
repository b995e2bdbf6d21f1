"""The table of runs: searched, sorted and paged on the server; what is chosen stands in the URL."""

import zlib
from collections.abc import Callable

import pandas as pd
import streamlit as st

from app.queries import catalog
from app.queries.catalog import Shown
from app.widgets import states
from app.widgets.terms import TERMS
from app.widgets.text import count, escape_markdown

PER_PAGE = 50
CHOSEN = "chosen"  # plain parameter, once for each chosen run


def run_table(rows: list[Shown], actions: Callable[[list[Shown]], None]) -> None:
    """Draw filters, table and pager; above the table `actions` draws what can be done with the chosen runs."""
    text, by, archived = _filters(any(row.entry.archived for row in rows))
    found = catalog.ordered(catalog.found_by(rows, text, archived=archived), by)
    if not found:
        said = f"No run matches “{escape_markdown(text)}”." if text else "All runs are archived."
        states.empty(said, icon=":material/filter_alt_off:", hint="Change the search, or show archived runs, too.")
        return
    pages = -(-len(found) // PER_PAGE)
    above, place = st.container(), st.container()
    number = st.pagination(pages, key="runs_page", bind="query-params") if pages > 1 else 1
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    with place:
        ticked = _table(shown)
    asked = st.query_params.get_all(CHOSEN)
    elsewhere = [row for row in found if row not in shown and row.entry.id in asked]
    chosen = ticked + elsewhere
    with above:
        actions(chosen)
        words = (
            f"{count(len(chosen), 'run')} chosen." if chosen else "Tick a row to open, rename, archive or delete it."
        )
        st.caption(f"{count(len(found), 'run')}. {words}")


def _restart() -> None:
    st.session_state["runs_page"] = 1


def _filters(some_archived: bool) -> tuple[str, str, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find a run", key="runs_text", bind="query-params", on_change=_restart, width=280,
            placeholder="title, folder, owner, state or cause",
        )  # fmt: skip
        by = st.selectbox("Sort by", catalog.SORTS, key="runs_sort", bind="query-params", on_change=_restart, width=180)
        archived = False
        if some_archived:
            archived = st.toggle("Also archived", key="runs_archived", bind="query-params", on_change=_restart)
    return text or "", by, archived


def _table(shown: list[Shown]) -> list[Shown]:
    ids = [row.entry.id for row in shown]
    asked = set(st.query_params.get_all(CHOSEN))
    # Rows are chosen by position, so other rows are another table: no choice ever moves to a run nobody pointed at.
    key = f"runs_table_{zlib.crc32(repr(ids).encode()):x}"

    def choose() -> None:
        elsewhere = [name for name in st.query_params.get_all(CHOSEN) if name not in ids]
        ticked = [ids[row] for row in st.session_state[key].selection.rows if row < len(ids)]
        st.query_params[CHOSEN] = elsewhere + ticked

    config = st.column_config
    event = st.dataframe(
        pd.DataFrame([_row(row) for row in shown]), hide_index=True, width="stretch", key=key, on_select=choose,
        selection_mode="multi-row", alt="Runs", row_height=35, height=min(633, 35 * (len(shown) + 1) + 3),
        selection_default={"selection": {"rows": [at for at, name in enumerate(ids) if name in asked]}},
        column_config={
            "Title": config.TextColumn(width="medium"),
            "Run": config.TextColumn(help="Name of its folder"),
            "State": config.TextColumn(width="small"),
            "Main cause": config.TextColumn(width="medium"),
            "Accuracy": config.NumberColumn(format="percent", help=TERMS["accuracy"], width="small"),
            "Samples": config.NumberColumn(format="localized", width="small"),
            "Classes": config.NumberColumn(format="localized", width="small"),
            "Size": config.NumberColumn(format="bytes", help="On disk", width="small"),
            "Owner": config.TextColumn(help="Who started it here", width="small"),
            "Age": config.DatetimeColumn(format="distance", width="small"),
        },
    )  # fmt: skip
    return [shown[row] for row in event.selection.rows if row < len(shown)]


def _row(row: Shown) -> dict[str, object]:
    entry = row.entry
    return {
        "Title": entry.title,
        "State": "archived" if entry.archived else row.state,
        "Main cause": row.cause,
        "Accuracy": row.accuracy,
        "Samples": entry.samples,
        "Classes": entry.classes,
        "Age": pd.Timestamp(row.created) if row.created else pd.NaT,
        "Size": catalog.disk_bytes(entry.id),
        "Owner": row.owner,
        "Run": entry.id,
    }
