"""One possible cause of wrong predictions, and the words a test of it answers in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

from analysis.arrays import AnyArray, BoolArray, IntArray
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.significance import Interval, Paired
from analysis.diagnosis.view import View

CERTAIN = 0.005  # of accuracy


class Verdict(StrEnum):
    """What a test concluded; "not significant" is INCONCLUSIVE, never REFUTED."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    NOT_TESTABLE = "not_testable"
    ERRORED = "errored"


class Lane(StrEnum):
    """What a supported finding is worth; findings of different lanes are never compared."""

    GAIN = "gain"  # measured recovery
    BOUND = "bound"  # at most this much
    VALIDITY = "validity"  # limits every other claim
    NOTE = "note"  # explains, recovers nothing


class Stage(StrEnum):
    """When a hypothesis is tested: LATE ones see the predictions with every supported repair applied."""

    EARLY = "early"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One number with the threshold it is held against and the samples it stands on."""

    name: str
    value: float | None
    unit: str  # fraction | count | logits | points of accuracy | …
    n: int
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """Accuracy with a repair and without it, every sample judged by the half it was not fitted on.

    Attributes:
        before: (N,) correct without the repair. after: (N,) correct with it.
        predicted_after: (N,) class.
        score: the paired comparison.
        repairs: fitted on the first and on the second half; None where there is nothing to repair.
    """

    before: BoolArray
    after: BoolArray
    predicted_after: IntArray
    score: Paired
    repairs: tuple[Repair | None, Repair | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measurement:
    """What a hypothesis saw; the engine makes the verdict of it.

    Attributes:
        summary: one plain sentence with the numbers, for when the fault is there.
        denial: the same for when it is not.
        n: samples the effect stands on, held against the hypothesis' `n_min`.
        effect: what is held against `min_effect`; None = the change of accuracy under `what_if`.
        p: gate; None = the effect is exact (or, without `effect`, McNemar's p).
        gain: accuracy that could come back, for findings whose gain is not measured by `what_if`.
        ceiling: no repair of this kind can gain more (exact); below `min_effect` it refutes.
        abstain: why nothing can be concluded, as a half-sentence; None = conclude.
        lane: instead of the hypothesis' own. fix: likewise.
        table: `sample_id`, `score` and what a view of the samples needs; largest score first.
        tables: by name what convinces besides the samples: `layers`, `sweep`, `slices`, `pairs`, `moves`, …
        snippet: code with this run's own names that undoes the fault.
        columns: (N,) values for columns of ``samples.parquet``.
    """

    summary: str
    denial: str
    n: int
    evidence: tuple[Evidence, ...] = ()
    effect: Interval | None = None
    p: float | None = None
    gain: Interval | None = None
    ceiling: float | None = None
    abstain: str | None = None
    lane: Lane | None = None
    fix: str | None = None
    table: pd.DataFrame | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    snippet: str | None = None
    columns: Mapping[str, AnyArray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A cause, how it is measured, and what undoing it would do.

    Attributes:
        id: equals the file's name. title: a noun phrase people read. chapter: equals the folder's name.
        claim: completes "it fails because …".
        needs: codes of `analysis.diagnosis.inputs`.
        measure: looks at all samples (under the repairs found so far); `outcome` is None without `what_if`.
        what_if: sees one half only and returns the repair that half teaches, or None where there is nothing to repair.
        gain_kind: exact (nothing fitted) | fit | rerun | bound | none.
        min_effect: smallest effect worth a finding, in the effect's unit (fraction of accuracy by default).
        min_certain: what the lower bound of a change of accuracy has to exceed; a fraction. Less than half a point
            where something else proves the cause and the repair cannot harm.
        min_win_share: of the answers that change, at least this share must be put right.
        n_min: fewer samples are inconclusive.
        explains: ids of more general causes; this one is preferred where it gives at least 90 % of their gain.
        precludes: ids of causes that nothing can be said of while this one holds and costs accuracy.
        pairs: tried together with others, because it can hide a fault or be hidden by one.
        look_alikes: ids of causes that show the same symptoms; the report tells how each was excluded.
    """

    id: str
    title: str
    chapter: str
    claim: str
    lane: Lane
    gain_kind: str
    stage: Stage
    measure: Callable[[View, Outcome | None], Measurement]
    fix: str
    source: str
    min_effect: float
    n_min: int
    needs: tuple[str, ...] = ()
    what_if: Callable[[View], Repair | None] | None = None
    min_certain: float = CERTAIN
    min_win_share: float = 0.0
    explains: tuple[str, ...] = ()
    precludes: tuple[str, ...] = ()
    pairs: bool = False
    look_alikes: tuple[str, ...] = ()
