"""Failure clusters ranked by errors beyond the expected; a bar opens its cluster."""

import pandas as pd
import streamlit as st

from app.components.ranked_bars import Bar, ranked_bars
from app.queries import clusters as queries
from app.queries.clusterings import Shown
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.cluster_map import AREA
from app.widgets.downloads import csv_link
from app.widgets.sorting import Column, in_order, sort_by
from app.widgets.terms import TERMS
from app.widgets.text import count, percent

CLUSTER = "cluster"  # plain parameter: the opened cluster
LISTED = 12
_COLUMNS = {
    "cluster": st.column_config.NumberColumn("No.", width=45, pinned=True),
    "name": st.column_config.TextColumn("Cluster", width="medium"),
    "size": st.column_config.NumberColumn("Size", format="localized"),
    "errors": st.column_config.NumberColumn("Errors", format="localized"),
    "passing": st.column_config.NumberColumn("Pass", format="localized", help="Samples that pass the filter above"),
    "excess_low": st.column_config.NumberColumn("Excess, at least", format="%.1f", help=TERMS["excess_low"]),
    "excess_errors": st.column_config.NumberColumn("Excess", format="%.1f", help=TERMS["excess"]),
    "excess_high": st.column_config.NumberColumn("at most", format="%.1f"),
    "stability": st.column_config.NumberColumn("Stability", format="%.2f", help=TERMS["stability"]),
    "duplicate_share": st.column_config.NumberColumn("Copies", format="percent", help=TERMS["duplicate_share"]),
    "old_share": st.column_config.NumberColumn("Old", format="percent", help=TERMS["old"]),
}
_SORTS = {
    "Least excess": Column(name=None),
    "Excess": Column(name="excess_errors"),
    "Errors": Column(name="errors"),
    "Size": Column(name="size"),
    "Stability": Column(name="stability"),
    "Copies": Column(name="duplicate_share"),
    "Name": Column(name="name", largest_first=False),
}


def cluster_ranking(key: RunKey, shown: Shown, *, repaired: bool, opened: int | None) -> None:
    """Draw the ranking as bars or as a table, a picker for all others, what is in no cluster, and the table as CSV.

    `opened` is the number of the cluster whose card is shown.
    """
    ranked, excessive = shown.ranked, queries.excessive(shown)
    passing = queries.passing_sizes(key, shown)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader(
            "Ranked by errors beyond the expected",
            help="A cluster is a dense group in embedding space. Expected: as its classes have elsewhere.",
            width="content",
        )
        st.space("stretch")
        as_table = len(ranked) > 0 and st.toggle("Table", key="clu_table", bind="query-params")
    if passing is not None:
        st.caption(
            ":material/filter_alt_off: Found and ranked over all samples: among those that pass a filter, errors have "
            "no rate to be compared with. The table tells how many of each pass."
        )
    if as_table:
        _table(ranked if passing is None else ranked.assign(passing=ranked["cluster"].map(passing)))
    elif excessive.empty:
        _none_fails(shown)
    else:
        _bars(excessive, of=len(ranked), opened=opened)
    _in_none(key, shown, repaired=repaired)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(shown.table) > min(LISTED, len(excessive)) and not as_table:
            _picker(shown)
        if len(ranked):
            how = {"clustering": shown.name or "run"} if not shown.is_own or shown.edits else {}
            csv_link(key, "clusters", "All clusters as CSV", **how)


def _none_fails(shown: Shown) -> None:
    groups = len(shown.ranked)
    if groups == 0:
        hint = " ".join(shown.how.get("notices", ())) or "No group of look-alike samples stands apart."
    elif groups == 1:
        hint = "There is one dense group only, and it has no more errors than its classes have elsewhere."
    else:
        hint = f"None of the {groups:,} dense groups has clearly more errors than expected."
    states.empty("No failure cluster was found.", icon=":material/check_circle:", hint=hint)


def _bars(excessive: pd.DataFrame, *, of: int, opened: int | None) -> None:
    have = "has" if len(excessive) == 1 else "have"
    groups = count(of, "dense group")
    st.caption(f"{len(excessive):,} of {groups} {have} clearly more errors than expected. Select a bar to open one.")
    ranked_bars(
        [_bar(row) for _, row in excessive.head(LISTED).iterrows()],
        key="clu_ranking",
        label="Clusters by excess errors",
        unit="excess errors, at least",
        opened=opened,
        on_open=open_cluster,
    )


def _bar(row: pd.Series) -> Bar:
    sure = max(0.0, float(row["excess_low"]))
    told = f"{count(int(row['errors']), 'error')} in {count(int(row['size']), 'sample')}"
    return Bar(
        number=int(row["cluster"]),
        name=f"{int(row['cluster'])}: {row['name']}",
        sure=sure,
        likely=max(sure, float(row["excess_errors"])),
        hint=f"{told}, {row['expected_errors']:.1f} expected; at least {sure:.1f} too many",
    )


def _table(ranked: pd.DataFrame) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = sort_by(_SORTS, "clu_")
    frame = ranked[[name for name in _COLUMNS if name in ranked]].dropna(axis=1, how="all")
    frame = in_order(frame, _SORTS[order.by], reverse=order.reverse)
    widget = order.key("clu_list")

    def chosen() -> None:
        rows = st.session_state[widget].selection.rows
        if rows:
            open_cluster(int(frame["cluster"].iloc[rows[0]]))

    st.dataframe(
        frame, key=widget, hide_index=True, column_config=_COLUMNS, on_select=chosen, selection_mode="single-row",
        height=430, alt="Clusters by excess errors",
    )  # fmt: skip


def _in_none(key: RunKey, shown: Shown, *, repaired: bool) -> None:
    found = queries.noise(key, shown, repaired=repaired)
    hidden = len(shown.edited.hidden)
    said = [f"{count(hidden, 'cluster')} hidden"] if hidden else []
    if found.size:
        rate = percent(found.errors / found.size)
        elsewhere = f", {percent(found.rate_elsewhere)} of the others" if len(shown.table) else ""
        share = percent(found.size / len(shown.assigned))
        said.append(f"{count(found.size, 'sample')} ({share}) in none, {rate} of them wrong{elsewhere}")
    if said:
        st.caption(" · ".join(said), help=TERMS["in_none"])


def _picker(shown: Shown) -> None:
    numbers = [int(number) for number in shown.table["cluster"]]

    def chosen() -> None:
        if st.session_state["clu_more"] is not None:
            open_cluster(st.session_state["clu_more"])

    st.selectbox(
        f"All {len(numbers):,}, by rank",
        numbers,
        index=None,
        key="clu_more",
        placeholder="cluster",
        on_change=chosen,
        width=180,
    )


def open_cluster(number: int) -> None:
    """Put a cluster into the URL; for callbacks."""
    st.query_params[CLUSTER] = str(number)
    st.query_params.pop(AREA, None)
