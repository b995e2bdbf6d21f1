"""What the checklist says of a run: findings in rank order, accuracies, and the ladder from today to what remains."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.arrays import AnyArray, BoolArray, IntArray
from analysis.diagnosis.hypothesis import Evidence, Lane, Verdict
from analysis.diagnosis.significance import Interval

SCHEMA_VERSION = 1
NO_FAULT = "no_fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict on one hypothesis; fields as in CONTRACT §4, fractions of accuracy where not said otherwise."""

    id: str
    title: str
    chapter: str
    claim: str
    source: str
    verdict: Verdict
    lane: Lane
    gain_kind: str
    summary: str
    fix: str
    rank: int = 0
    gain: Interval | None = None
    gain_alone: float | None = None
    given: tuple[str, ...] = ()
    accuracy_if_fixed: float | None = None
    explained_by: str | None = None
    p: float | None = None
    p_adjusted: float | None = None
    evidence: tuple[Evidence, ...] = ()
    needs: tuple[str, ...] = ()
    how_to_add: tuple[str, ...] = ()  # where the missing inputs go, one sentence each
    snippet: str | None = None  # code that undoes the fault
    look_alikes: tuple[str, ...] = ()  # ids of causes that show the same symptoms
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """One entry of ``findings``."""
        gain = self.gain
        return {
            "id": self.id,
            "title": self.title,
            "chapter": self.chapter,
            "claim": self.claim,
            "verdict": str(self.verdict),
            "rank": self.rank,
            "lane": str(self.lane),
            "gain": number(gain.value if gain else None),
            "gain_low": number(gain.low if gain else None),
            "gain_high": number(gain.high if gain else None),
            "gain_alone": number(self.gain_alone),
            "gain_kind": self.gain_kind,
            "given": list(self.given),
            "accuracy_if_fixed": number(self.accuracy_if_fixed),
            "explained_by": self.explained_by,
            "p": number(self.p),
            "p_adjusted": number(self.p_adjusted),
            "evidence": [_evidence(item) for item in self.evidence],
            "summary": self.summary,
            "fix": self.fix,
            "source": self.source,
            "needs": list(self.needs),
            "how_to_add": list(self.how_to_add),
            "snippet": self.snippet,
            "look_alikes": list(self.look_alikes),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Micro accuracy of the predictions as they are; `old`, `new` None without a split or without such samples.

    `baseline_old` is that of the model before the expansion on samples of old classes; None without a baseline.
    """

    overall: float | None
    old: float | None
    new: float | None
    chance: float | None
    n: int
    n_old: int | None
    n_new: int | None
    baseline_old: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The block ``accuracy``."""
        rounded = {name: number(getattr(self, name)) for name in ("overall", "old", "new", "chance", "baseline_old")}
        return {**rounded, "n": self.n, "n_old": self.n_old, "n_new": self.n_new}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of the ladder; `at_most` True where the accuracy is a ceiling and not a measurement."""

    label: str
    accuracy: float
    id: str | None
    at_most: bool = False

    def to_json(self) -> dict[str, Any]:
        """One entry of ``ladder``."""
        return {"label": self.label, "accuracy": number(self.accuracy), "id": self.id, "at_most": self.at_most}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Diagnosis:
    """All findings of a run of N samples.

    Attributes:
        findings: in rank order; every hypothesis once.
        leading: id of the first supported finding of lane gain or bound, or ``no_fault``.
        repaired_prediction: (N,) class with every supported repair applied, each sample under the repair that was not
            fitted on it. repaired_correct: (N,).
        evidence: id → samples the finding points at: sample_id, score, …
        tables: id → name → what else convinces.
        columns: (N,) values for columns of ``samples.parquet``, the repaired predictions among them.
    """

    findings: tuple[Finding, ...]
    accuracy: Accuracy
    leading: str
    ladder: tuple[Rung, ...]
    repaired_prediction: IntArray
    repaired_correct: BoolArray
    evidence: Mapping[str, pd.DataFrame]
    tables: Mapping[str, Mapping[str, pd.DataFrame]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    seconds: float = 0.0
    columns: Mapping[str, AnyArray] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """``findings.json``: plain strings and finite numbers."""
        return {
            "schema_version": SCHEMA_VERSION,
            "accuracy": self.accuracy.to_json(),
            "leading": self.leading,
            "ladder": [rung.to_json() for rung in self.ladder],
            "notices": list(self.notices),
            "findings": [finding.to_json() for finding in self.findings],
        }


def number(value: float | None) -> float | None:
    """A JSON number; None for what is not finite."""
    if value is None:
        return None
    if not math.isfinite(value):
        return None
    return round(float(value), 6) if abs(value) >= 1e-3 else float(f"{value:.6g}")


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "name": item.name,
        "value": number(item.value),
        "threshold": number(item.threshold),
        "unit": item.unit,
        "n": int(item.n),
    }
