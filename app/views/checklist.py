"""Checklist: every possible cause, its verdict, the numbers behind it, its pictures and what to do."""

import streamlit as st

from app import state
from app.charts.evidence import evidence_table
from app.charts.gains import gains
from app.findings import Checklist, Finding
from app.queries import examples, runs
from app.queries.findings import checklist
from app.queries.runs import RunKey
from app.verdict import verdict_text
from app.widgets import states
from app.widgets.downloads import csv_link
from app.widgets.terms import TERMS
from app.widgets.text import escape_markdown, percent
from app.widgets.thumbnails import Picture, strip
from app.widgets.verdict import WORDS, verdict_badge

CHAPTERS = (
    ("checkpoint", "Checkpoint"),
    ("indexing", "Class indices"),
    ("head", "Head"),
    ("backbone", "Backbone"),
    ("preprocessing", "Preprocessing"),
    ("labels", "Labels"),
    ("data", "Data"),
    ("shift", "Shift between training and validation"),
    ("training", "Training"),
)
PICTURES = 24


def page() -> None:
    """Draw the page."""
    run = state.current_run()
    found = checklist(run)
    if found is None:
        states.pending("The checklist")
        return
    asked = state.link_value("finding")
    if asked is not None and found.get(asked) is None:
        states.unknown_in_link("the finding", asked, page="checklist", label="The whole checklist")
        return
    if asked is not None:
        state.whole_page_button("checklist", "The whole checklist", icon=":material/arrow_back:")
        _card(run, found, next(finding for finding in found.findings if finding.id == asked), is_open=True)
        return
    _summary(run, found)
    verdicts, chapters = _filters(found)
    shown = [finding for finding in found.findings if _passes(finding, verdicts, chapters)]
    if not shown:
        states.empty("No finding matches these filters.", icon=":material/filter_alt_off:", hint="Clear one of them.")
    # What was found stands first, in rank order; only the rest is sorted by chapter.
    _section(run, found, "Found", [finding for finding in shown if finding.verdict == "supported"])
    for chapter, title in _chapters(found):
        rest = [finding for finding in shown if finding.chapter == chapter and finding.verdict != "supported"]
        _section(run, found, title, rest)


def _section(run: RunKey, found: Checklist, title: str, findings: list[Finding]) -> None:
    if findings:
        st.subheader(escape_markdown(title), anchor=False)
    for finding in findings:
        _card(run, found, finding, is_open=False)


def _summary(run: RunKey, found: Checklist) -> None:
    text = verdict_text(found)
    with st.container(horizontal=True, vertical_alignment="center"):
        icon = ":green[:material/check_circle:]" if text.calm else ":red[:material/flag:]"
        st.title(f"{icon} {escape_markdown(text.headline)}", anchor=False, width="content")
        st.space("stretch")
        csv_link(run, "findings", hint="The checklist as a table")
    if text.calm:
        st.markdown(escape_markdown(text.paragraph))
    shown = [f for f in found.with_verdict("supported") if f.gain is not None and f.lane in ("gain", "bound")]
    if shown:
        words = ", ".join(f"{finding.title} {100 * (finding.gain or 0):+.1f} points" for finding in shown)
        with st.container(border=True):
            st.markdown(
                "**What undoing each cause gives back**, once the causes above it are undone", help=TERMS["interval"]
            )
            st.plotly_chart(gains(shown), key="chk_gains", config={"displayModeBar": False}, alt=f"Gains: {words}")


def _filters(found: Checklist) -> tuple[list[str], list[str]]:
    present = [word for verdict, word in WORDS.items() if found.with_verdict(verdict)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        verdicts = st.pills(
            "Verdict", present, selection_mode="multi", key="chk_verdict", bind="query-params",
            help="Show findings with these verdicts only; none chosen shows all.",
        )  # fmt: skip
        chapters = st.pills(
            "Chapter", [title for _, title in _chapters(found)], selection_mode="multi", key="chk_chapter",
            bind="query-params", help="Show these chapters only; none chosen shows all.",
        )  # fmt: skip
    return list(verdicts), list(chapters)


def _chapters(found: Checklist) -> list[tuple[str, str]]:
    present = {finding.chapter for finding in found.findings}
    known = [(chapter, title) for chapter, title in CHAPTERS if chapter in present]
    names = {chapter for chapter, _ in known}
    return known + [(chapter, chapter.replace("_", " ").capitalize()) for chapter in sorted(present - names)]


def _passes(finding: Finding, verdicts: list[str], chapters: list[str]) -> bool:
    titles = dict(CHAPTERS)
    chapter = titles.get(finding.chapter, finding.chapter.replace("_", " ").capitalize())
    by_verdict = not verdicts or WORDS.get(finding.verdict, finding.verdict) in verdicts
    return by_verdict and (not chapters or chapter in chapters)


def _card(run: RunKey, found: Checklist, finding: Finding, *, is_open: bool) -> None:
    with st.container(border=True, key=f"finding_{finding.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            verdict_badge(finding.verdict)
            st.markdown(f"**{escape_markdown(finding.title)}**", width="content")
            st.space("stretch")
            _gain(finding)
        st.markdown(escape_markdown(finding.summary))
        _explained_by(found, finding)
        is_found = finding.verdict == "supported"
        if is_found and finding.fix:
            st.markdown(f"**What to do:** {escape_markdown(finding.fix)}")
        if finding.needs:
            st.caption(f"Needs: {escape_markdown(', '.join(finding.needs))}")
        if finding.evidence or runs.evidence(run, finding.id) is not None:
            with st.expander("Evidence", expanded=is_open or is_found):
                _evidence(run, finding)


def _gain(finding: Finding) -> None:
    if (
        finding.gain is None
        or finding.verdict not in ("supported", "inconclusive")
        or finding.lane not in ("gain", "bound")
    ):
        return
    at_most = "at most " if finding.at_most else ""
    interval = ""
    if finding.gain_low is not None and finding.gain_high is not None:
        interval = f"[{100 * finding.gain_low:+.1f}, {100 * finding.gain_high:+.1f}]"
    then = f", to {at_most}{percent(finding.accuracy_if_fixed)}" if finding.accuracy_if_fixed is not None else ""
    st.markdown(
        f"**{at_most}{100 * finding.gain:+.1f} points**&nbsp;{escape_markdown(interval)}{then}", width="content",
        help=TERMS["interval"],
    )  # fmt: skip


def _explained_by(found: Checklist, finding: Finding) -> None:
    if finding.explained_by is None:
        return
    cause = found.get(finding.explained_by)
    title = cause.title if cause else finding.explained_by
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption("Explained by", help=TERMS["explained_by"], width="content")
        state.page_link("checklist", escape_markdown(title), icon=":material/subdirectory_arrow_right:",
                        finding=finding.explained_by)  # fmt: skip


def _evidence(run: RunKey, finding: Finding) -> None:
    if finding.evidence:
        table = evidence_table(finding.evidence).map(escape_markdown)
        st.table(table, border="horizontal", hide_index=True, alt=f"Numbers behind {finding.title}")
    if finding.claim:
        st.caption(f"What was tested: {escape_markdown(finding.claim)}")
    samples = runs.evidence(run, finding.id)
    if samples is not None and len(samples):
        _pictures(run, samples["sample_id"].head(PICTURES).tolist(), len(samples))


def _pictures(run: RunKey, sample_ids: list[int], total: int) -> None:
    repaired = examples.has_repaired(run)
    predicted = examples.predictions(run, repaired=repaired)
    label, names = runs.column(run, "label"), runs.class_names(run)
    undone = " with the faults undone" if repaired else ""
    st.caption(f"The {len(sample_ids)} strongest of {total:,} samples that this points at: label → prediction{undone}")
    strip(run, [Picture(sample_id=i, caption=f"{label[i]} → {names[predicted[i]]}") for i in sample_ids], size=72)


if __name__ == "__main__":
    page()
