"""The checklist (``findings.json``) as objects, blanks where a run says nothing; plain Python, charts read it too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NO_FAULT = "no_fault"
VERDICTS = ("supported", "inconclusive", "refuted", "not_testable", "errored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One number held against its threshold."""

    name: str
    value: float | None
    threshold: float | None
    unit: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict on one hypothesis; gains and accuracies are fractions, None where nothing was measured."""

    id: str
    title: str
    chapter: str
    verdict: str
    rank: int
    lane: str
    summary: str
    claim: str
    fix: str
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    gain_alone: float | None
    gain_kind: str
    given: tuple[str, ...]
    accuracy_if_fixed: float | None
    explained_by: str | None
    needs: tuple[str, ...]
    how_to_add: tuple[str, ...]  # where the missing inputs go, one sentence each
    evidence: tuple[Evidence, ...]
    snippet: str  # code that undoes the fault
    source: str
    look_alikes: tuple[str, ...]  # ids of causes that show the same symptoms
    seconds: float | None

    @property
    def at_most(self) -> bool:
        """Whether the gain is a ceiling instead of a measured recovery."""
        return self.lane == "bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of the accuracy ladder."""

    label: str
    accuracy: float
    id: str | None
    at_most: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Accuracies as fractions; None without a split or without such samples."""

    overall: float | None
    old: float | None
    new: float | None
    chance: float | None
    n: int
    n_old: int | None
    n_new: int | None
    baseline: float | None
    baseline_old: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Everything in ``findings.json``, findings in rank order."""

    accuracy: Accuracy
    leading: str
    findings: tuple[Finding, ...]
    ladder: tuple[Rung, ...]
    notices: tuple[str, ...]

    def get(self, hypothesis_id: str) -> Finding | None:
        """The finding on one hypothesis, or None."""
        return next((finding for finding in self.findings if finding.id == hypothesis_id), None)

    def with_verdict(self, verdict: str) -> tuple[Finding, ...]:
        """Findings with one verdict, in rank order."""
        return tuple(finding for finding in self.findings if finding.verdict == verdict)


def parse(found: Mapping[str, Any]) -> Checklist:
    """``findings.json`` as objects; keys that an older or newer writer lacks become blanks."""
    findings = sorted((_finding(entry) for entry in found.get("findings", [])), key=lambda finding: finding.rank)
    return Checklist(
        accuracy=_accuracy(found.get("accuracy") or {}),
        leading=str(found.get("leading") or NO_FAULT),
        findings=tuple(findings),
        ladder=tuple(_rung(entry) for entry in found.get("ladder") or []),
        notices=tuple(str(notice) for notice in found.get("notices") or []),
    )


def _finding(entry: Mapping[str, Any]) -> Finding:
    texts = {name: _unbroken(str(entry.get(name) or "")) for name in _TEXTS}
    numbers = {name: _number(entry.get(name)) for name in _NUMBERS}
    return Finding(
        **texts,
        **numbers,
        rank=int(entry.get("rank") or 0),
        given=tuple(str(name) for name in entry.get("given") or ()),
        explained_by=entry.get("explained_by") or None,
        needs=tuple(str(name) for name in entry.get("needs") or ()),
        how_to_add=tuple(_unbroken(str(sentence)) for sentence in entry.get("how_to_add") or ()),
        snippet=str(entry.get("snippet") or ""),
        look_alikes=tuple(str(name) for name in entry.get("look_alikes") or ()),
        evidence=tuple(_evidence(item) for item in entry.get("evidence") or ()),
    )


def _unbroken(text: str) -> str:
    """No line ends between a number and its per cent."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


_TEXTS = ("id", "title", "chapter", "verdict", "lane", "summary", "claim", "fix", "gain_kind", "source")
_NUMBERS = ("gain", "gain_low", "gain_high", "gain_alone", "accuracy_if_fixed", "seconds")


def _evidence(item: Mapping[str, Any]) -> Evidence:
    return Evidence(
        name=str(item.get("name") or ""),
        value=_number(item.get("value")),
        threshold=_number(item.get("threshold")),
        unit=str(item.get("unit") or ""),
        n=int(item.get("n") or 0),
    )


def _rung(entry: Mapping[str, Any]) -> Rung:
    return Rung(
        label=str(entry.get("label") or ""),
        accuracy=_number(entry.get("accuracy")) or 0.0,
        id=entry.get("id") or None,
        at_most=bool(entry.get("at_most")),
    )


def _accuracy(block: Mapping[str, Any]) -> Accuracy:
    names = ("overall", "old", "new", "chance", "baseline", "baseline_old")
    return Accuracy(
        **{name: _number(block.get(name)) for name in names},
        n=int(block.get("n") or 0),
        n_old=block.get("n_old"),
        n_new=block.get("n_new"),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
