"""The pictures that convince: a finding's tables as figures, and what else shows it at a glance."""

from contextlib import nullcontext

import pandas as pd
import streamlit as st

from analysis.exports.readable_table import readable_table
from app.charts.proofs.drawn import drawn, title_of
from app.charts.proofs.matching import matching as matching_figure
from app.findings import Finding
from app.queries import runs
from app.queries.matching import matching
from app.queries.runs import RunKey
from app.widgets.downloads import csv_link
from app.widgets.pair_gallery import is_pairs, pair_gallery
from app.widgets.text import escape_markdown
from app.widgets.variant_pictures import variant_pictures

MOST_ROWS = 50
_CONFIG = {"displayModeBar": False}
_FOR_MACHINES = ("variant", "base", "axis", "settings", "file")  # columns of `variants` that people do not read
_REORDERED = ("index_map_scrambled", "index_offset", "index_sort_order", "rows_misaligned")


def proofs(run: RunKey, finding: Finding) -> None:
    """Draw every table of a finding, figures first."""
    tables = {name: table for name, table in runs.evidence_tables(run, finding.id).items() if len(table)}
    _matching(run, finding)
    dark = st.context.theme.type == "dark"
    figures = {name: drawn(name, table, dark=dark) for name, table in tables.items()}
    for name in sorted(tables, key=lambda name: figures[name] is None):
        with st.container(border=True, key=f"proof_{name}", gap="xsmall"):
            st.subheader(escape_markdown(_title(name, tables[name])), anchor=False)
            if figures[name] is not None:
                _figure(finding, name, figures[name])
            if name == "variants":
                variant_pictures(run, tables[name])
            if is_pairs(tables[name]):
                pair_gallery(run, tables[name])
            _table(run, finding, name, tables[name], folded=figures[name] is not None or is_pairs(tables[name]))


def _title(name: str, table: pd.DataFrame) -> str:
    if name == "pairs":
        return "Pairs of pictures" if is_pairs(table) else "Pairs of classes"
    return title_of(name)


def first_proof(run: RunKey, finding: Finding) -> None:
    """Draw the first figure only, for the card of the leading cause."""
    if _matching(run, finding, titled=False):
        return
    for name, table in runs.evidence_tables(run, finding.id).items():
        figure = drawn(name, table)
        if figure is not None:
            _figure(finding, name, figure)
            if name == "variants":
                variant_pictures(run, table)
            return


def _figure(finding: Finding, name: str, figure: object) -> None:
    st.plotly_chart(figure, key=f"chk_{finding.id}_{name}", config=_CONFIG, alt=f"{title_of(name)}. {finding.summary}")


def _table(run: RunKey, finding: Finding, name: str, table: pd.DataFrame, *, folded: bool) -> None:
    hidden = [column for column in _FOR_MACHINES if name == "variants" and column in table]
    shown = readable_table(table.drop(columns=hidden), MOST_ROWS)
    with st.expander("As a table") if folded else nullcontext():
        st.dataframe(shown, hide_index=True, alt=title_of(name))
        with st.container(horizontal=True, vertical_alignment="center"):
            if len(table) > MOST_ROWS:
                st.caption(f"The first {MOST_ROWS} of {len(table):,} rows; the CSV has all.", width="content")
            st.space("stretch")
            csv_link(run, "evidence", "CSV", hint="This table, every column", finding=finding.id, proof=name)


def _matching(run: RunKey, finding: Finding, *, titled: bool = True) -> bool:
    """Before and after, for causes that put outputs or rows in another order."""
    found = matching(run) if finding.id in _REORDERED and finding.verdict == "supported" else None
    if found is None:
        return False
    with st.container(border=titled, key="proof_matching", gap="xsmall"):
        if titled:
            st.subheader("Labels against answers, in the order of the class list", anchor=False)
        figure = matching_figure(found.before, found.after, classes=found.classes, dark=st.context.theme.type == "dark")
        st.plotly_chart(
            figure, key="chk_matching", config=_CONFIG,
            alt="Share of each label's samples by answer, as it is and with the faults undone: right answers lie on "
            "the diagonal.",
        )  # fmt: skip
    return True
