"""Causes that show the same symptoms as a finding, and how each was told apart; plain Python."""

from dataclasses import dataclass

from app.findings import Checklist, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike:
    """A cause with the same symptoms, and what the checklist says of it."""

    finding: Finding
    outcome: str  # a few words, plain text


def look_alikes(checklist: Checklist, finding: Finding) -> tuple[LookAlike, ...]:
    """Causes that this one, or that themselves, name as alike; tested ones first, of these its own.

    Causes that the run's checklist does not have are left out.
    """
    named = [
        other
        for other in checklist.findings
        if other.id != finding.id and (other.id in finding.look_alikes or finding.id in other.look_alikes)
    ]
    alike = sorted(named, key=lambda other: (other.verdict == "not_testable", other.id not in finding.look_alikes))
    return tuple(LookAlike(finding=other, outcome=_outcome(checklist, finding, other)) for other in alike)


def _outcome(checklist: Checklist, finding: Finding, other: Finding) -> str:
    if other.verdict == "refuted" and other.explained_by == finding.id:
        return "explained by this one"
    if other.verdict == "refuted" and other.explained_by is not None:
        by = checklist.get(other.explained_by)
        return f"explained by “{by.title if by else other.explained_by}”"
    return {
        "supported": "is there as well" if finding.verdict == "supported" else "was found",
        "refuted": "excluded",
        "inconclusive": "could not be excluded",
        "not_testable": "not excluded, because it could not be tested",
        "errored": "not excluded, because its test failed",
    }.get(other.verdict, other.verdict)
