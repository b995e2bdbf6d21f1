"""One finding opened: claim, what undoing it gives, fix, the picture that convinces, numbers, look-alikes, samples."""

import streamlit as st

from app.charts.evidence import evidence_table
from app.counterfactual import sentences
from app.findings import Checklist, Finding
from app.look_alikes import look_alikes
from app.queries.runs import RunKey
from app.widgets.evidence_samples import evidence_samples
from app.widgets.finding_head import finding_head
from app.widgets.finding_line import finding_title, finding_with_outcome
from app.widgets.notes import notes
from app.widgets.own_verdict import own_verdict
from app.widgets.proofs import proofs
from app.widgets.terms import TERMS
from app.widgets.text import escape_markdown, with_code
from app.widgets.triage import audited


def finding_detail(run: RunKey, found: Checklist, finding: Finding) -> None:
    """Draw everything that is known about one finding."""
    with st.container(border=True, key=f"finding_{finding.id}", gap="small"):
        finding_head(found, finding)
        _claim(finding)
        audited(run, finding.id)
    with st.grid(2, min_column_width=430, gap="small"):
        own_verdict(run, finding.id)
        notes(run, f"finding:{finding.id}")
    if finding.verdict == "not_testable":
        _needs(finding)
    if finding.verdict == "supported":
        _fix(finding)
    proofs(run, finding)
    _numbers(found, finding)
    _look_alikes(found, finding)
    evidence_samples(run, finding)
    if finding.source:
        st.caption(f"Source of the test: {escape_markdown(finding.source)}")


def _claim(finding: Finding) -> None:
    if finding.claim:
        st.caption(f"What was tested: whether it fails because {escape_markdown(finding.claim.rstrip('.'))}.")


def _needs(finding: Finding) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**What is missing:** {escape_markdown(', '.join(finding.needs))}")
        for sentence in finding.how_to_add:
            st.markdown(with_code(sentence))


def _fix(finding: Finding) -> None:
    if not finding.fix and not finding.snippet:
        return
    with st.container(border=True, gap="xsmall", key="fix"):
        st.subheader("What to do", anchor=False)
        if finding.fix:
            st.markdown(with_code(finding.fix))
        if finding.snippet:
            st.code(finding.snippet.rstrip(), language=_language(finding.snippet), wrap_lines=True)


def _language(snippet: str) -> str:
    return "toml" if snippet.lstrip().startswith("[") else "python"


def _numbers(found: Checklist, finding: Finding) -> None:
    said = sentences(found, finding)
    if not finding.evidence and not said:
        return
    with st.container(border=True, gap="xsmall"):
        st.subheader("The numbers", anchor=False, help=TERMS["evidence"])
        if said:
            st.markdown(escape_markdown(" ".join(said)))
        if finding.evidence:
            table = evidence_table(finding.evidence).map(escape_markdown)
            st.table(table, border="horizontal", hide_index=True, alt=f"Numbers behind {finding.title}")


def _look_alikes(found: Checklist, finding: Finding) -> None:
    alike = look_alikes(found, finding)
    if not alike:
        return
    with st.container(border=True, gap="xsmall", key="look_alikes"):
        st.subheader("What looks the same", anchor=False, help=TERMS["look_alikes"])
        for other in alike:
            if other.finding.verdict != "not_testable":
                finding_with_outcome(other.finding, other.outcome)
        _not_tested(tuple(other.finding for other in alike if other.finding.verdict == "not_testable"))


def _not_tested(findings: tuple[Finding, ...]) -> None:
    if not findings:
        return
    st.caption("Not excluded, because an input is missing:")
    with st.container(horizontal=True, gap="medium"):
        for finding in findings:
            finding_title(finding)
