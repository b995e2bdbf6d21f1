"""A finding on one quiet line: icon, title, sentence; a click opens it."""

import streamlit as st

from app.findings import Finding
from app.widgets.text import escape_markdown
from app.widgets.verdict import COLOURS, ICONS, word


def finding_line(finding: Finding, *, outcome: str | None = None, place: str = "list") -> None:
    """Draw the line; it is one element, so that fifty of them cost little.

    Args:
        finding: What it is about.
        outcome: A word on it, plain text; None says the verdict, where it is not "ruled out".
        place: Which list it stands in: one finding may stand in two.
    """
    icon = f":{COLOURS.get(finding.verdict, 'gray')}[{ICONS.get(finding.verdict, ':material/help:')}]"
    said = outcome if outcome is not None else "" if finding.verdict == "refuted" else word(finding.verdict)
    known = f"*{escape_markdown(said)}.* " if said else ""
    st.button(
        f"{icon} **{escape_markdown(finding.title)}** {known}:gray[{escape_markdown(finding.summary)}]",
        key=f"open_{place}_{finding.id}", type="tertiary", on_click=_open, args=(finding.id,),
    )  # fmt: skip


def finding_title(finding: Finding, *, place: str = "untested") -> None:
    """Draw the title alone; a click opens the finding."""
    st.button(
        escape_markdown(finding.title), key=f"open_{place}_{finding.id}", type="tertiary", on_click=_open,
        args=(finding.id,),
    )  # fmt: skip


def _open(finding_id: str) -> None:
    st.query_params["finding"] = finding_id
