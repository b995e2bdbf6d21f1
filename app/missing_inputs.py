"""What could be tested with more inputs: untested causes by what would make them testable; plain Python."""

from dataclasses import dataclass

from app.findings import Checklist, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingInputs:
    """Inputs that go together, and the causes that wait for them.

    Attributes:
        names: of the inputs, each once; they complete "needs …".
        how_to_add: where they go, one sentence each.
        findings: that could be tested with them, in rank order.
    """

    names: tuple[str, ...]
    how_to_add: tuple[str, ...]
    findings: tuple[Finding, ...]


def missing_inputs(checklist: Checklist, shown: tuple[Finding, ...] | None = None) -> tuple[MissingInputs, ...]:
    """Untested findings grouped by what a person has to do for them, the step that opens most first.

    Args:
        checklist: All findings.
        shown: Only these; None = all.
    """
    untested = [f for f in checklist.with_verdict("not_testable") if shown is None or f in shown]
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in untested:
        groups.setdefault(finding.how_to_add or finding.needs, []).append(finding)
    made = [_group(findings) for findings in groups.values()]
    return tuple(sorted(made, key=lambda group: (-len(group.findings), len(group.names), group.names)))


def _group(findings: list[Finding]) -> MissingInputs:
    names = dict.fromkeys(name for finding in findings for name in finding.needs)
    return MissingInputs(names=tuple(names), how_to_add=findings[0].how_to_add, findings=tuple(findings))
