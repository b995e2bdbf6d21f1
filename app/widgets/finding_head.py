"""The head of a finding: verdict, title, gain, its sentence, and what explains it."""

import streamlit as st

from app import state
from app.counterfactual import kind_word
from app.findings import Checklist, Finding
from app.own_verdict import OwnVerdicts
from app.widgets.own_verdict import own_badges
from app.widgets.terms import TERMS
from app.widgets.text import escape_markdown, percent
from app.widgets.verdict import verdict_badge


def finding_head(found: Checklist, finding: Finding, own: OwnVerdicts | None = None) -> None:
    """Draw it inside the card that is open; `own` adds what people said of it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        verdict_badge(finding.verdict)
        said = own_badges(own, finding.id) if own is not None else ""
        st.markdown(f"**{escape_markdown(finding.title)}** {said}", width="content")
        st.space("stretch")
        _gain(finding)
    st.markdown(escape_markdown(finding.summary))
    _explained_by(found, finding)


def _gain(finding: Finding) -> None:
    shown = finding.verdict in ("supported", "inconclusive") and finding.lane in ("gain", "bound")
    if finding.gain is None or not shown:
        return
    at_most = "at most " if finding.at_most else ""
    interval = ""
    if finding.gain_low is not None and finding.gain_high is not None and finding.gain_low < finding.gain_high:
        interval = f"[{100 * finding.gain_low:+.1f}, {100 * finding.gain_high:+.1f}]"
    interval_words = f"&nbsp;{escape_markdown(interval)}" if interval else ""
    then = f", to {at_most}{percent(finding.accuracy_if_fixed)}" if finding.accuracy_if_fixed is not None else ""
    st.markdown(
        f"**{at_most}{100 * finding.gain:+.1f} points**{interval_words}{then}", width="content",
        help=TERMS["interval"],
    )  # fmt: skip
    if kind_word(finding) and not finding.at_most:
        st.badge(kind_word(finding), color="gray", help=TERMS.get(f"kind_{finding.gain_kind}"))


def _explained_by(found: Checklist, finding: Finding) -> None:
    if finding.explained_by is None:
        return
    cause = found.get(finding.explained_by)
    title = cause.title if cause else finding.explained_by
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption("Explained by", help=TERMS["explained_by"], width="content")
        state.page_link("checklist", escape_markdown(title), icon=":material/subdirectory_arrow_right:",
                        finding=finding.explained_by)  # fmt: skip
