"""What people said, as a part of the report: their own verdicts and notes, signed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from analysis.exports.report_tables import html_table
from analysis.investigations.item import Item
from analysis.investigations.note_html import note_html
from analysis.runs.run import Run

VERDICT, NOTE = "verdict", "note"


def said(run: Run, items: Sequence[Item]) -> str:
    """Verdicts as a table, then every note under the name of what it is about; empty where nobody said anything."""
    verdicts = [item for item in items if item.kind == VERDICT]
    notes = [item for item in items if item.kind == NOTE]
    return _verdicts(run, verdicts) + "".join(_note(run, item) for item in notes)


def _verdicts(run: Run, items: Sequence[Item]) -> str:
    if not items:
        return ""
    rows = [
        (
            escape(_finding(run, item.subject)), *(_cell(item, name) for name in ("state", "reason", "assignee")),
            _signature(item),
        )
        for item in items
    ]  # fmt: skip
    return html_table(("finding", "own verdict", "reason", "assigned to", "said by"), rows, numbers=5)


def _note(run: Run, item: Item) -> str:
    text = note_html(str(item.value.get("text") or ""))
    return f'<h3>{escape(_about(run, item.subject))}</h3>{text}<p class="soft">{_signature(item)}</p>'


def _cell(item: Item, name: str) -> str:
    return escape(str(item.value.get(name) or ""))


def _signature(item: Item) -> str:
    try:
        day = f"{datetime.fromtimestamp(item.at, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):  # a clock that was far off
        day = "some day"
    return f"{escape(item.author)}, {day}"


def _finding(run: Run, identifier: str) -> str:
    found = (run.findings or {}).get("findings", ())
    return next((str(one["title"]) for one in found if one["id"] == identifier), identifier)


def _about(run: Run, subject: str) -> str:
    """The thing a note is about, by its name; a number where the run has no such thing."""
    kind, _, name = subject.partition(":")
    if kind == "finding":
        return _finding(run, name)
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 12 else -1
    if kind == "class" and 0 <= number < len(run.class_names):
        return f"Class {run.class_names[number]}"
    if kind == "cluster" and not run.clusters.empty:
        named = run.clusters.loc[run.clusters["cluster"] == number, "name"]
        return f"Cluster {number}: {named.iloc[0]}" if len(named) else f"Cluster {name}"
    if kind == "sample" and 0 <= number < len(run):
        return f"Sample {run.column('filepath')[number]}"
    return subject
