"""Checklist: every possible cause, its verdict, the numbers behind it, its pictures and what to do."""

import streamlit as st

from app import state
from app.charts.gains import gains
from app.findings import Checklist, Finding
from app.missing_inputs import missing_inputs
from app.own_verdict import STATES, OwnVerdicts, word
from app.queries.findings import checklist
from app.queries.own_verdicts import own_verdicts
from app.queries.runs import RunKey
from app.verdict import verdict_text
from app.widgets import missing_inputs as missing_inputs_widget
from app.widgets import states
from app.widgets.downloads import csv_link
from app.widgets.finding_card import finding_card
from app.widgets.finding_detail import finding_detail
from app.widgets.finding_line import finding_line
from app.widgets.live import live
from app.widgets.tally import tally
from app.widgets.terms import TERMS
from app.widgets.text import escape_markdown
from app.widgets.verdict import WORDS

CHAPTERS = {
    "checkpoint": "Checkpoint",
    "indexing": "Class indices",
    "head": "Head",
    "backbone": "Backbone",
    "preprocessing": "Preprocessing",
    "labels": "Labels",
    "data": "Data",
    "shift": "Shift between training and validation",
    "training": "Training",
}


def page() -> None:
    """Draw the page."""
    run = state.current_run()
    found = checklist(run)
    if found is None:
        states.pending("The checklist")
        return
    asked = state.link_value("finding")
    if asked is None:
        _list(run, found)
        return
    finding = found.get(asked)
    if finding is None:
        states.unknown_in_link("the finding", asked, page="checklist", label="The whole checklist")
        return
    state.whole_page_button("checklist", "The whole checklist", icon=":material/arrow_back:")
    finding_detail(run, found, finding)


def _list(run: RunKey, found: Checklist) -> None:
    _summary(run, found)
    live(run)
    own = own_verdicts(run)
    verdicts, chapters = _filters(found)
    states_of_own, assignees = _own_filters(own)
    shown = tuple(
        finding
        for finding in found.findings
        if _passes(found, finding, verdicts, chapters) and _passes_own(own, finding, states_of_own, assignees)
    )
    if not shown:
        states.empty("No finding matches these filters.", icon=":material/filter_alt_off:", hint="Clear one of them.")
    # What was found stands first, in rank order; only the rest is sorted by chapter.
    held = [finding for finding in shown if finding.verdict == "supported"]
    if held:
        st.subheader("Found", anchor=False)
    for finding in held:
        finding_card(run, found, finding, own, with_picture=finding.id == found.leading)
    for chapter, title in _chapters(found).items():
        _chapter(
            title, [f for f in shown if f.chapter == chapter and f.verdict not in ("supported", "not_testable")], own
        )
    groups = missing_inputs(found, shown)
    if groups:
        missing_inputs_widget.missing_inputs(groups)


def _chapter(title: str, findings: list[Finding], own: OwnVerdicts) -> None:
    if not findings:
        return
    st.subheader(escape_markdown(title), anchor=False)
    with st.container(gap=None):
        for finding in findings:
            finding_line(finding, own)


def _summary(run: RunKey, found: Checklist) -> None:
    text = verdict_text(found)
    with st.container(horizontal=True, vertical_alignment="center"):
        icon = ":green[:material/check_circle:]" if text.calm else ":red[:material/flag:]"
        st.title(f"{icon} {escape_markdown(text.headline)}", anchor=False, width="content")
        st.space("stretch")
        csv_link(run, "findings", hint="The checklist as a table")
    worth = [f for f in found.with_verdict("supported") if f.gain is not None and f.lane in ("gain", "bound")]
    with st.grid(2, min_column_width=430, gap="small"):
        with st.container(border=True, height="stretch"):
            st.markdown(escape_markdown(text.paragraph))
            if worth:
                _gains(worth)
        with st.container(border=True, height="stretch"):
            tally(found, _chapters(found))


def _gains(worth: list[Finding]) -> None:
    words = ", ".join(f"{finding.title} {100 * (finding.gain or 0):+.1f} points" for finding in worth)
    st.markdown("**What undoing each cause gives back**, once the causes above it are undone", help=TERMS["interval"])
    st.plotly_chart(gains(worth), key="chk_gains", config={"displayModeBar": False}, alt=f"Gains: {words}")


def _filters(found: Checklist) -> tuple[list[str], list[str]]:
    present = [word for verdict, word in WORDS.items() if found.with_verdict(verdict)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        verdicts = st.pills(
            "Verdict", present, selection_mode="multi", key="chk_verdict", bind="query-params",
            help="Show findings with these verdicts only; none chosen shows all.",
        )  # fmt: skip
        chapters = st.pills(
            "Chapter", list(_chapters(found).values()), selection_mode="multi", key="chk_chapter",
            bind="query-params", help="Show these chapters only; none chosen shows all.",
        )  # fmt: skip
    return list(verdicts), list(chapters)


def _own_filters(own: OwnVerdicts) -> tuple[list[str], list[str]]:
    """Filters on what people said, once somebody has."""
    if not own.verdicts:
        return [], []
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.pills(
            "Your own verdict", [word(state) for state in STATES], selection_mode="multi", key="chk_own",
            bind="query-params", help="Show findings of which people said this; none chosen shows all.",
        )  # fmt: skip
        assignees = []
        if own.assignees:
            assignees = st.pills(
                "Assigned to", own.assignees, format_func=escape_markdown, selection_mode="multi", key="chk_assignee",
                bind="query-params", help="Show what these people take care of; none chosen shows all.",
            )  # fmt: skip
    return list(chosen), list(assignees)


def _passes_own(own: OwnVerdicts, finding: Finding, chosen: list[str], assignees: list[str]) -> bool:
    said = own.of(finding.id)
    by_state = not chosen or word(own.state(finding.id)) in chosen
    return by_state and (not assignees or (said is not None and said["assignee"] in assignees))


def _chapters(found: Checklist) -> dict[str, str]:
    """Chapters that the run's checklist has: id → title."""
    present = {finding.chapter for finding in found.findings}
    known = {chapter: title for chapter, title in CHAPTERS.items() if chapter in present}
    return known | {chapter: chapter.replace("_", " ").capitalize() for chapter in sorted(present - known.keys())}


def _passes(found: Checklist, finding: Finding, verdicts: list[str], chapters: list[str]) -> bool:
    by_verdict = not verdicts or WORDS.get(finding.verdict, finding.verdict) in verdicts
    return by_verdict and (not chapters or _chapters(found)[finding.chapter] in chapters)


if __name__ == "__main__":
    page()
