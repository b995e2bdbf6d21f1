"""Other weights for the network of a run, and whether there is reason to try them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.errors import AnalysisError
from analysis.models.baseline import read_baseline
from analysis.models.loading import LoadedModel
from analysis.reruns.weight_states import State
from analysis.runs.run import Run
from analysis.spec.class_list import read_class_list
from analysis.spec.investigation import Investigation
from analysis.spec.sections import ModelSpec

STATISTICS = ("running_mean", "running_var", "batches_tracked")
FORGOT = 0.05  # of the old classes' samples


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sources:
    """Where other weights come from.

    Attributes:
        model: the checkpoint in question.
        baseline: the old model's weights under the network's names; empty without one.
        baseline_digest: of its file.
        rows: (row in the head, row in the old head) of each class that both know.
        frozen: every weight but the head's is the baseline's, and BatchNorm's statistics are not.
        forgot: the old model gets clearly more of its classes right than this one does among the same classes.
    """

    model: ModelSpec
    baseline: State = field(default_factory=dict)
    baseline_digest: str = ""
    rows: Sequence[tuple[int, int]] = ()
    frozen: bool = False
    forgot: bool = False

    @classmethod
    def of(cls, spec: Investigation, run: Run, model: LoadedModel) -> "Sources":
        """Those of an investigation; a baseline that cannot be read is none."""
        before = spec.baseline
        if before is None or before.checkpoint is None:
            return cls(model=spec.model)
        try:
            baseline = read_baseline(before.checkpoint, model)
            listed = before.classes or spec.classes.old
            old_names = () if listed is None else read_class_list(listed)
        except AnalysisError:
            return cls(model=spec.model)
        place = {name: row for row, name in enumerate(old_names)}
        return cls(
            model=spec.model,
            baseline=baseline.state,
            baseline_digest=baseline.digest,
            rows=[(row, place[name]) for row, name in enumerate(run.class_names) if name in place],
            frozen=(frozen := only_statistics_moved(run)),
            forgot=not frozen and _forgot(run),
        )


def only_statistics_moved(run: Run) -> bool:
    """True where BatchNorm's statistics differ from the baseline's and no weight but the head's does."""
    weights = run.weights
    if weights is None or "status" not in weights:
        return False
    body = weights[~weights["is_head"].astype(bool)]
    statistics = body["kind"].isin(STATISTICS)
    learnt = body[~statistics & body["status"].notna()]
    moved = body[statistics & (body["kind"] != "batches_tracked") & (body["change"] > 0)]
    return bool(len(learnt) and (learnt["status"] == "identical").all() and len(moved))


def _forgot(run: Run) -> bool:
    """Both judged on the old classes alone, so that a bias of the head plays no part."""
    if run.baseline is None or not len(run.baseline_rows):
        return False
    rows = run.baseline_rows
    if run.is_old is None:
        right = run.column("correct")[rows]
    else:
        right = run.column("best_old_index")[rows] == run.column("label_index")[rows]
    return float(run.baseline.column("correct").mean()) - float(np.mean(right)) >= FORGOT
