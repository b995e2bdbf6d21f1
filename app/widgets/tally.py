"""How the tests came out: counts by chapter and verdict."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.findings import VERDICTS, Checklist
from app.widgets.text import escape_markdown
from app.widgets.verdict import COLOURS, WORDS

_SHORT = {"shift": "Shift"}


def tally(found: Checklist, chapters: Mapping[str, str]) -> None:
    """Draw the table; `chapters` maps ids to titles, in the order shown."""
    verdicts = [verdict for verdict in VERDICTS if found.with_verdict(verdict)]
    rows = []
    for chapter, title in chapters.items():
        counts = [sum(f.chapter == chapter for f in found.with_verdict(verdict)) for verdict in verdicts]
        rows.append(
            [escape_markdown(_SHORT.get(chapter, title)), *(_cell(n, v) for n, v in zip(counts, verdicts, strict=True))]
        )
    totals = [len(found.with_verdict(verdict)) for verdict in verdicts]
    rows.append(["**All**", *(f"**{total}**" for total in totals)])
    heads = [f":{COLOURS[verdict]}[{WORDS[verdict]}]" for verdict in verdicts]
    st.table(pd.DataFrame(rows, columns=["Chapter", *heads]), border="horizontal", hide_index=True,
             alt="Findings by chapter and verdict")  # fmt: skip


def _cell(number: int, verdict: str) -> str:
    if not number:
        return ""
    return f":{COLOURS[verdict]}[**{number}**]" if verdict in ("supported", "inconclusive") else str(number)
