"""A finding in one line: icon, title, sentence; a click opens it."""

import streamlit as st

from app.findings import Finding
from app.own_verdict import OwnVerdicts
from app.widgets.own_verdict import own_badges
from app.widgets.text import escape_markdown
from app.widgets.verdict import COLOURS, ICONS, word


def finding_line(finding: Finding, own: OwnVerdicts) -> None:
    """Draw one quiet line, cut where the page ends; it is one element, so that fifty of them cost little."""
    known = "" if finding.verdict == "refuted" else f"*{escape_markdown(word(finding.verdict))}.* "
    said = own_badges(own, finding.id)
    label = f"{_named(finding)} {said} {known}:gray[{escape_markdown(finding.summary)}]"
    st.button(label, key=f"open_{finding.id}", type="tertiary", on_click=_open, args=(finding.id,), wrap=False)


def finding_with_outcome(finding: Finding, outcome: str) -> None:
    """Draw the title, which opens the finding, what came of it, and its whole sentence.

    Args:
        finding: What it is about.
        outcome: Plain text, such as "excluded".
    """
    with st.container(gap=None):
        label = f"{_named(finding)} *{escape_markdown(outcome)}*"
        st.button(label, key=f"alike_{finding.id}", type="tertiary", on_click=_open, args=(finding.id,))
        st.caption(escape_markdown(finding.summary))


def finding_title(finding: Finding) -> None:
    """Draw the title alone; a click opens the finding."""
    label = escape_markdown(finding.title)
    st.button(label, key=f"untested_{finding.id}", type="tertiary", on_click=_open, args=(finding.id,))


def _named(finding: Finding) -> str:
    icon = f":{COLOURS.get(finding.verdict, 'gray')}[{ICONS.get(finding.verdict, ':material/help:')}]"
    return f"{icon} **{escape_markdown(finding.title)}**"


def _open(finding_id: str) -> None:
    st.query_params["finding"] = finding_id
