"""What a link's preview says: the run's title and its verdict in one sentence."""

from dataclasses import dataclass

from analysis.errors import AnalysisError
from app.queries import findings, runs
from app.queries.run_list import list_runs
from app.verdict import verdict_text

_LONGEST = 300  # characters; chat programs cut there


@dataclass(frozen=True, slots=True)
class Preview:
    """Title and sentence; plain text."""

    title: str
    sentence: str = ""


def preview(run_id: str | None, finding_id: str | None) -> Preview:
    """The preview of a link to a run, or to a finding of it; the app's name where there is no such run."""
    entry = next((entry for entry in list_runs() if entry.id == run_id), None)
    if entry is None:
        return Preview("Faultline")
    title = f"{entry.title} · Faultline"
    try:
        checklist = findings.checklist(runs.run_key(entry.id))
    except (AnalysisError, OSError, ValueError, KeyError):  # a preview is no place for complaints
        checklist = None
    if checklist is None:
        return Preview(title, "The verdict is not known yet.")
    finding = None if finding_id is None else checklist.get(finding_id)
    if finding is not None:
        return Preview(title, _cut(f"{finding.title}: {finding.verdict.replace('_', ' ')}. {finding.summary}"))
    verdict = verdict_text(checklist)
    return Preview(title, _cut(f"{verdict.headline}. {verdict.paragraph}"))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
