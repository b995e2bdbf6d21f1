"""Reading what came of sending pictures through the network again, under another setting.

Letters: N samples of the run, m pictures of a variant, K stored candidates, D embedding dimensions.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from analysis.arrays import FloatArray, IntArray
from analysis.runs import layout


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rerun:
    """Answers under one variant.

    Attributes:
        rows: (m,) int64 `sample_id`, ascending.
        index: (m, K) int32 output columns, −1 = padding. logit: (m, K) float32, −inf = padding. logsumexp: (m,).
        embeddings: (m, D) float16, or None where the network hides them.
    """

    rows: IntArray
    index: IntArray
    logit: FloatArray
    logsumexp: FloatArray
    embeddings: FloatArray | None


class Reruns:
    """All variants that were tried.

    Attributes:
        table: one row a variant: `variant` (its id), `axis`, `base` (the variant it differs from in this axis alone, ""
            = the run itself), `label` (words), `settings` (JSON), `file` (of its answers), `images`, `is_full` (all N
            samples), `seconds`, and facts such as `first_norm_distance`.
    """

    def __init__(self, path: Path, table: pd.DataFrame) -> None:
        self.path = path
        self.table = table
        self._read: dict[str, Rerun] = {}

    @classmethod
    def open(cls, run: Path) -> Self | None:
        """The re-runs of a run directory, or None where there are none."""
        variants = run / layout.RERUN_VARIANTS
        if not variants.is_file() and not (run / layout.RERUN_PROBES).is_file():
            return None
        table = pd.read_parquet(variants) if variants.is_file() else pd.DataFrame(columns=["variant", "axis", "base"])
        return cls(run, table)

    @cached_property
    def probes(self) -> dict[str, Any]:
        """What repeating a few pictures showed; empty where it was not done."""
        return self._json(layout.RERUN_PROBES)

    @cached_property
    def budget(self) -> dict[str, Any]:
        """Seconds the search was allowed and took; empty where there was no search."""
        return self._json(layout.RERUN_BUDGET)

    @cached_property
    def batch_norm(self) -> pd.DataFrame | None:
        """One row a BatchNorm layer: how far its input lies from its running statistics."""
        file = self.path / layout.RERUN_BATCH_NORM
        return pd.read_parquet(file) if file.is_file() else None

    @cached_property
    def orientations(self) -> pd.DataFrame | None:
        """`sample_id` and EXIF `orientation` (2…8) of the files that are not upright; None where nobody looked."""
        file = self.path / layout.RERUN_ORIENTATIONS
        return pd.read_parquet(file) if file.is_file() else None

    def of(self, axis: str, base: str = "") -> pd.DataFrame:
        """Rows of `table` for the variants that differ from `base` in this axis."""
        return self.table[(self.table["axis"] == axis) & (self.table["base"] == base)]

    def get(self, variant: str) -> Rerun:
        """The answers under a variant.

        Raises:
            KeyError: If there is no such variant, or its answers were not kept.
        """
        if variant not in self._read:
            row = self.table[self.table["variant"] == variant]
            if row.empty:
                raise KeyError(f"{variant!r} was not tried in {self.path}")
            self._read[variant] = _read(self.path / layout.RERUNS / Path(str(row["file"].iloc[0])).name)
        return self._read[variant]

    def _json(self, name: str) -> dict[str, Any]:
        file = self.path / name
        return dict(json.loads(file.read_text("utf-8"))) if file.is_file() else {}


def _read(file: Path) -> Rerun:
    if not file.is_file():
        raise KeyError(f"The answers in {file} are missing")
    with np.load(file, allow_pickle=False) as stored:
        return Rerun(
            rows=stored["rows"],
            index=stored["index"],
            logit=stored["logit"],
            logsumexp=stored["logsumexp"],
            embeddings=stored["embeddings"] if "embeddings" in stored.files else None,
        )
