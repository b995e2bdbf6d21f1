"""The ladder: from today's accuracy through each repair, then "at most" rungs, to what nothing here explains."""

from dataclasses import replace

from analysis.diagnosis.explaining_away import Selection
from analysis.diagnosis.finding import Finding, Rung
from analysis.diagnosis.hypothesis import Lane, Verdict


def ladder_of(
    findings: tuple[Finding, ...], selection: Selection, today: float | None
) -> tuple[tuple[Finding, ...], tuple[Rung, ...]]:
    """Rungs in rank order, and the findings with `accuracy_if_fixed` filled in for bounds.

    Bounds are added up without looking for overlap, so they are ceilings twice over; never above 1.
    """
    if today is None:
        return findings, ()
    rungs = [Rung(label="Today", accuracy=today, id=None)]
    rungs += [Rung(label=i.trial.hypothesis.title, accuracy=i.accuracy_after, id=i.id) for i in selection.chosen]
    height = rungs[-1].accuracy
    filled = []
    for finding in findings:
        is_bound = finding.verdict is Verdict.SUPPORTED and finding.lane is Lane.BOUND and finding.gain is not None
        if is_bound and finding.gain is not None and finding.gain.value > 0:
            height = min(1.0, height + finding.gain.value)
            rungs.append(Rung(label=finding.title, accuracy=height, id=finding.id, at_most=True))
            finding = replace(finding, accuracy_if_fixed=height)  # noqa: PLW2901
        filled.append(finding)
    rungs.append(Rung(label="Not explained", accuracy=1.0, id=None, at_most=True))
    return tuple(filled), tuple(rungs)
