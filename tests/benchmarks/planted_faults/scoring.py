"""What a run's findings are worth against what was planted."""

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from analysis.runs.run import Run
from tests.benchmarks.planted_faults.case import Case
from tests.benchmarks.planted_faults.plant import Plant

LANES = ("gain", "bound")
MEASURED = ("exact", "fit", "rerun")
_AS_MUCH = 0.01  # of accuracy: two causes whose order does not matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One case.

    Attributes:
        first: the expected cause stands first (limits: it is supported; compound: all in order; decoy: silence).
        in_three: the expected cause is among the first three.
        supported: ids of supported findings in gain and bound, in rank order. others: in validity and notes.
        accuracy: as is. said: with the expected measured findings undone. truth: really, or None.
        precision: of the samples pointed at, or None. recall: likewise.
    """

    base: str
    plant: str
    kind: str
    seed: int
    first: bool
    in_three: bool
    supported: tuple[str, ...]
    others: tuple[str, ...]
    accuracy: float
    said: float | None
    truth: float | None
    precision: float | None
    recall: float | None
    seconds: float

    @property
    def error(self) -> float | None:
        """Said minus true accuracy, or None."""
        return None if self.said is None or self.truth is None else self.said - self.truth

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def score(plant: Plant, case: Case, run: Run, *, seed: int, healthy: float | None, seconds: float) -> Score:
    """Judge one run.

    Args:
        plant: what was planted. case: as it was written. run: the finished run.
        seed: of the case.
        healthy: accuracy of the healthy model on the same samples.
        seconds: the run took.
    """
    assert run.findings is not None
    found = [f for f in run.findings["findings"] if f["verdict"] == "supported"]
    strong = tuple(f["id"] for f in found if f["lane"] in LANES)
    others = tuple(f["id"] for f in found if f["lane"] not in LANES)
    alone = {f["id"]: f["gain_alone"] or 0.0 for f in found}
    first, in_three = _judged(plant, strong, others, alone, case.also_right)
    accuracy = float(np.mean(run.column("correct")))
    if plant.kind == "single" and healthy is not None and accuracy > healthy - _AS_MUCH and not strong:
        first = in_three = plant.expect[0] in others  # a fault that costs nothing is told, and is no cause of errors
    precision, recall = _pointing(plant, case, run)
    measured = [f for f in found if f["id"] in (*plant.expect, *plant.instead) and f["gain_kind"] in MEASURED]
    said = measured[-1]["accuracy_if_fixed"] if measured and plant.gain else None
    truth = (case.truth if case.truth is not None else healthy) if case.has_truth and plant.gain else None
    return Score(
        base=case.base.name, plant=plant.name, kind=plant.kind, seed=seed, first=first, in_three=in_three,
        supported=strong, others=others, accuracy=accuracy, said=said, truth=truth,
        precision=precision, recall=recall, seconds=round(seconds, 1),
    )  # fmt: skip


def _judged(
    plant: Plant, strong: tuple[str, ...], others: tuple[str, ...], alone: dict[str, float], also: tuple[str, ...]
) -> tuple[bool, bool]:
    right = {*plant.expect[:1], *plant.instead, *also}
    if plant.kind == "decoy":
        return not strong, not strong
    if plant.kind == "limits":
        return plant.expect[0] in others and not strong, plant.expect[0] in (*others, *strong[:3])
    if plant.kind == "compound":
        missing = set(plant.expect) - set(strong)
        other_names = set(plant.instead) if len(missing) == 1 else set()
        leading = [id_ for id_ in strong if id_ in other_names or id_ not in plant.instead][: len(plant.expect)]
        in_order = all(alone[a] >= alone[b] - _AS_MUCH for a, b in pairwise(leading))
        named = len(missing) <= len(other_names & set(strong)) and len(leading) == len(plant.expect)
        return named and set(leading) <= {*plant.expect, *other_names} and in_order, named
    return bool(strong) and strong[0] in right, bool(right & set(strong[:3]))


def _pointing(plant: Plant, case: Case, run: Run) -> tuple[float | None, float | None]:
    if case.pointed_at is None:
        return None, None
    tables = [run.evidence(id_) for id_ in (*plant.expect, *plant.instead)]
    table = next((t for t in tables if t is not None), None)
    if table is None:
        return None, 0.0
    place = {f"images/{row:05d}.png": row for row in range(len(case.label))}
    files = run.column("filepath")
    listed = np.unique([place[files[sample]] for sample in table["sample_id"]])
    hits = int(case.pointed_at[listed].sum())
    return hits / max(1, len(listed)), hits / int(case.pointed_at.sum())
