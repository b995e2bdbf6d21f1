"""What a hypothesis may look at: some samples of a run under the repairs found so far."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.diagnosis.head_rows import head_reproduces
from analysis.diagnosis.predictions import Predictions, lacks_the_best
from analysis.diagnosis.repairs import Regroup
from analysis.runs.run import Run


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """n samples of a run. In `what_if` these are the fit half only, so that nothing can be learnt from the other.

    Attributes:
        run: everything else that was recorded; its arrays hold all N samples, so take them through this class.
        predictions: of the n samples, repaired as far as is known.
        rows: (n,) their `sample_id`.
        second: (n,) True in the second half.
        kept: results worth keeping while the checklist goes on; belongs to exactly these samples.
        shared: likewise for all N samples; only for what no label plays a part in.
        regroup: how to ask the head again where candidates are named by class, and not by column.
    """

    run: Run
    predictions: Predictions
    rows: IntArray
    second: BoolArray
    kept: dict[str, Any] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)
    regroup: Callable[[BoolArray], Regroup | None] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def label(self) -> IntArray:
        """(n,) class index."""
        return self.predictions.label

    @property
    def classes(self) -> int:
        """C, the longer of class list and head."""
        return len(self.run.class_names)

    @property
    def is_old(self) -> BoolArray:
        """(C,) True where the class was known before.

        Raises:
            ValueError: Without a split; hypotheses that need one say so in `needs`.
        """
        if self.run.is_old is None:
            raise ValueError("This run has no old/new split.")
        return self.run.is_old

    def column(self, name: str) -> AnyArray:
        """A column of ``samples.parquet`` for the n samples."""
        return np.asarray(self.run.column(name)[self.rows])

    @property
    def embeddings(self) -> FloatArray:
        """(n, D) float16, of the re-run that the predictions come from.

        Raises:
            ValueError: Without embeddings; hypotheses that cannot do without them say so in `needs`.
        """
        return np.asarray(self.all_embeddings[self.rows])

    @property
    def all_embeddings(self) -> FloatArray:
        """(N, D) float16 of all samples, for repairs that ask another head.

        Raises:
            ValueError: Without embeddings.
        """
        found = self._embeddings_or_none
        if found is None:
            raise ValueError("This run has no embeddings.")
        return found

    @property
    def _embeddings_or_none(self) -> FloatArray | None:
        source = self.predictions.source
        if not source:
            return self.run.embeddings
        return None if self.run.reruns is None else self.run.reruns.get(source).embeddings

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """`make()`, kept for each source of the predictions; only for what does not depend on repairs of the head."""
        key = f"{self.predictions.source}: {key}"
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    def head_gives_the_logits(self) -> bool:
        """Do embeddings and head give the stored logits, so that other heads can be tried? See `head_reproduces`."""
        head, embeddings = self.run.head, self._embeddings_or_none
        if head is None or embeddings is None or not len(self):
            return False
        key = f"{self.predictions.source}: reproduces"
        if key not in self.shared:
            self.shared[key] = head_reproduces(self.predictions, self.embeddings, *head)
        return bool(self.shared[key])

    def regrouped(self, groups: BoolArray) -> Regroup | None:
        """Candidates of all N samples by two other groups of columns, (C,), where the stored ones may lack the best.

        None where none lacks them, or where the head cannot be asked again.
        """
        if self.regroup is not None:
            return self.regroup(groups)
        listed = ~self.is_old[: self.predictions.columns]
        if not lacks_the_best(self.predictions, groups, listed) or not self.head_gives_the_logits():
            return None
        key = f"{self.predictions.source}: candidates by {groups.tobytes().hex()}"
        if key not in self.shared:
            assert self.run.head is not None
            weight, bias = self.run.head
            self.shared[key] = Regroup.of_head(self.all_embeddings, weight, bias, groups)
        made: Regroup = self.shared[key]
        return made

    def at(self, rows: IntArray | BoolArray) -> "View":
        """The same for some of the n samples."""
        return replace(
            self, predictions=self.predictions.at(rows), rows=self.rows[rows], second=self.second[rows], kept={}
        )
