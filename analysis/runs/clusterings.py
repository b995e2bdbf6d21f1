"""Other clusterings of a run, found with other parameters and kept beside its own."""

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from analysis.arrays import FloatArray, IntArray
from analysis.runs import layout

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class StoredClustering:
    """One folder below ``clusterings``; N samples, G clusters."""

    def __init__(self, path: Path, facts: dict[str, Any]) -> None:
        self.path = path
        self.facts = facts

    @classmethod
    def open(cls, run: Path, name: str) -> Self | None:
        """The clustering of that name; None where there is none, or it is not finished or cannot be read."""
        if not _ID.fullmatch(name):
            return None
        path = run / layout.CLUSTERINGS / name
        try:
            return cls(path, json.loads((path / layout.CLUSTERING).read_text("utf-8")))
        except (OSError, ValueError):
            return None

    @property
    def name(self) -> str:
        """Its folder's name, made of its parameters."""
        return self.path.name

    @cached_property
    def assigned(self) -> IntArray:
        """(N,) int32, −1 = in none."""
        stored: IntArray = np.load(self.path / layout.ASSIGNED, allow_pickle=False)
        return stored

    @cached_property
    def table(self) -> pd.DataFrame:
        """Its ``clusters.parquet``."""
        return pd.read_parquet(self.path / layout.CLUSTERS)

    @cached_property
    def over_represented(self) -> pd.DataFrame:
        """Its ``cluster_facts.parquet``."""
        return pd.read_parquet(self.path / layout.CLUSTER_FACTS)

    @cached_property
    def stability(self) -> FloatArray:
        """(G,) 0..1, NaN = not known."""
        known = self.facts.get("stability", [])
        return np.array([np.nan if value is None else value for value in known], dtype=np.float64)


def clusterings(run: Path) -> list[str]:
    """Names of the finished ones, oldest first."""
    found = [
        (file.stat().st_mtime_ns, file.parent.name)
        for file in (run / layout.CLUSTERINGS).glob(f"*/{layout.CLUSTERING}")
        if _ID.fullmatch(file.parent.name)
    ]
    return [name for _, name in sorted(found)]
