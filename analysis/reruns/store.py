"""What was asked is kept in the run directory, so that a resumed run does not ask again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import IntArray
from analysis.progress import ProgressCallback
from analysis.reruns.answers import Answers
from analysis.reruns.asking import Asker
from analysis.reruns.comparison import Comparison
from analysis.reruns.variant import Variant
from analysis.runs import layout
from analysis.runs.atomic import write_json, write_table
from analysis.runs.run import Run

COLUMNS = ("variant", "axis", "base", "label", "settings", "file", "images", "is_full", "seconds")


@dataclass(slots=True, kw_only=True, eq=False)
class Store:
    """Answers of a run's variants, from its files or from the network.

    Attributes:
        run: Where they are kept.
        asker: Who is asked for what is not there yet.
        rows: By variant, what its row of ``variants.parquet`` says.
    """

    run: Run
    asker: Asker
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def few(self, variant: Variant, rows: IntArray) -> Answers:
        """Answers for some samples, ascending; only those that are not kept yet are asked."""
        kept = self._kept(variant)
        missing = rows if kept is None else rows[~np.isin(rows, kept.rows)]
        if len(missing):
            fresh = self.asker.few(variant, missing)
            kept = fresh if kept is None else kept.with_more(fresh)
            kept.write(self.file(variant))
        assert kept is not None
        return kept.at(rows)

    def full(self, variant: Variant, progress: ProgressCallback, stage: str) -> Answers:
        """Answers for all samples; those of samples that cannot differ are the base's."""
        kept = self._kept(variant)
        if kept is not None and len(kept) == len(self.run):
            return kept
        asked = np.arange(len(self.run)) if variant.rows is None else variant.rows
        fresh = self.asker.all(variant, asked, progress, stage)
        if variant.rows is not None:
            fresh = self.base_of(variant).replaced_by(fresh)
        fresh.write(self.file(variant))
        return fresh

    def base_of(self, variant: Variant, rows: IntArray | None = None) -> Answers:
        """Answers of a variant's base, for some samples or for all."""
        return self._whole(variant.base, rows)

    def answers_of(self, variant: Variant) -> Answers:
        """Answers for all samples of a variant that was confirmed, or of the run as it was."""
        return self._whole(variant.id, None)

    def file(self, variant: Variant) -> Path:
        """Where a variant's answers are kept."""
        digest = variant.digest(self.asker.subject.digest)
        return self.run.path / layout.RERUNS / f"{variant.id}-{digest}.npz"

    def tell(self, variant: Variant, *, images: int, seconds: float, is_full: bool, facts: Mapping[str, Any]) -> None:
        """Note what is known of a variant for ``variants.parquet``."""
        before = self.rows.get(variant.id, {})
        self.rows[variant.id] = {
            **before,
            "variant": variant.id,
            "axis": variant.axis,
            "base": variant.base,
            "label": variant.label,
            "settings": json.dumps(dict(variant.settings), default=list),
            "file": self.file(variant).name,
            "images": images,
            "is_full": is_full,
            "seconds": round(float(before.get("seconds", 0.0)) + seconds, 3),
            **facts,
        }

    def write(self, budget: Mapping[str, Any]) -> None:
        """Write ``variants.parquet`` and ``budget.json``, and remove answers of variants that are no more."""
        table = pd.DataFrame(list(self.rows.values()), columns=None if self.rows else list(COLUMNS))
        write_table(self.run.path / layout.RERUN_VARIANTS, table)
        write_json(self.run.path / layout.RERUN_BUDGET, budget)
        named = {str(row["file"]) for row in self.rows.values()}
        for file in (self.run.path / layout.RERUNS).glob("*.npz"):
            if file.name not in named:
                file.unlink()

    def _whole(self, id_: str, rows: IntArray | None) -> Answers:
        if not id_:
            return Answers.of_run(self.run, np.arange(len(self.run)) if rows is None else rows)
        answers = Answers.read(self.run.path / layout.RERUNS / str(self.rows[id_]["file"]))
        return answers if rows is None else answers.at(rows)

    def _kept(self, variant: Variant) -> Answers | None:
        file = self.file(variant)
        return Answers.read(file) if file.is_file() else None


def facts_of(comparison: Comparison) -> dict[str, Any]:
    """Columns of ``variants.parquet`` that a comparison fills."""
    return {
        "accuracy": comparison.accuracy,
        "accuracy_base": comparison.accuracy_base,
        "class_means_accuracy": comparison.apart,
        "class_means_accuracy_base": comparison.apart_base,
        "mean_confidence": comparison.confidence,
        "mean_confidence_base": comparison.confidence_base,
        "entropy": comparison.entropy,
        "score": comparison.score,
    }
