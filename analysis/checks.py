"""Gates for continuous integration: fail on a supported hypothesis, or on an accuracy that is too low."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analysis.errors import AnalysisError

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_CONDITION = re.compile(r"\s*(\w+)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(%?)\s*")


class CheckError(AnalysisError):
    """A gate that cannot be understood."""


class Outcome(StrEnum):
    """What became of one gate."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "could not judge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One gate: what was asked, what became of it, and why."""

    asked: str
    outcome: Outcome
    reason: str


def exit_status(checks: Sequence[Check]) -> int:
    """0 all passed · 1 any failed · 4 none failed but some could not be judged."""
    outcomes = {check.outcome for check in checks}
    if Outcome.FAILED in outcomes:
        return 1
    return 4 if Outcome.UNKNOWN in outcomes else 0


def fail_on(findings: Mapping[str, Any], hypothesis_id: str) -> Check:
    """Fail when a hypothesis is supported; cannot judge when its test could not decide.

    Args:
        findings: The content of ``findings.json``.
        hypothesis_id: The id of a hypothesis.

    Raises:
        CheckError: If no hypothesis has this id.
    """
    verdicts = {finding["id"]: finding for finding in findings["findings"]}
    if hypothesis_id not in verdicts:
        raise CheckError(
            f"--fail-on {hypothesis_id}: no hypothesis has this id. Known ids: {', '.join(sorted(verdicts))}."
        )
    finding = verdicts[hypothesis_id]
    outcome = {"supported": Outcome.FAILED, "refuted": Outcome.PASSED}.get(finding["verdict"], Outcome.UNKNOWN)
    return Check(asked=f"not {hypothesis_id}", outcome=outcome, reason=f"{finding['verdict']}: {finding['summary']}")


def metrics(findings: Mapping[str, Any]) -> dict[str, float | None]:
    """The numbers a condition may name: accuracies and chance (fractions) and sample counts."""
    accuracy = findings["accuracy"]
    named = {f"{name}_accuracy": accuracy.get(name) for name in ("overall", "old", "new")}
    counts = {name: accuracy.get(name) for name in ("chance", "n", "n_old", "n_new")}
    return {"accuracy": accuracy.get("overall"), **named, **counts}


def fail_if(findings: Mapping[str, Any], condition: str) -> Check:
    """Fail when a condition such as ``old_accuracy < 0.70`` (or ``< 70%``) holds.

    Raises:
        CheckError: If the condition is not METRIC COMPARISON NUMBER with a known metric.
    """
    match = _CONDITION.fullmatch(condition)
    values = metrics(findings)
    if match is None or match[1] not in values:
        raise CheckError(
            f"--fail-if {condition!r} cannot be read; expected METRIC < NUMBER (or <=, >, >=, ==, !=) with one of the "
            f"metrics {', '.join(values)}."
        )
    value, limit = values[match[1]], float(match[3]) / (100 if match[4] else 1)
    if value is None:
        return Check(asked=condition, outcome=Outcome.UNKNOWN, reason=f"{match[1]} is not known in this run")
    failed = _COMPARISONS[match[2]](value, limit)
    return Check(
        asked=condition, outcome=Outcome.FAILED if failed else Outcome.PASSED, reason=f"{match[1]} is {value:.4g}"
    )
