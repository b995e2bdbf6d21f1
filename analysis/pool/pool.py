"""Reading a pool: embeddings in shards, so that what is finished can be searched while the rest is still to come."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import AnyArray, FloatArray, IntArray
from analysis.runs import layout

UNLABELED, TRAINING = "unlabeled", "training"
FACTS, FILES = "pool.json", "files.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """How far a pool is: pictures listed, looked at and, of these, not readable."""

    total: int
    done: int
    problems: int

    @property
    def is_complete(self) -> bool:
        """Whether every picture was looked at."""
        return self.done >= self.total


class Pool:
    """One pool of a run: N pictures by their place in the listing; a shard holds the embeddings of a block of them."""

    def __init__(self, path: Path, facts: dict[str, Any]) -> None:
        self.path = path
        self.facts = facts

    @classmethod
    def open(cls, run: Path, kind: str) -> "Pool | None":
        """The pool `unlabeled` or `training` of a run; None where it was never begun."""
        path = run / layout.POOLS / kind
        try:
            facts = json.loads((path / FACTS).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return cls(path, facts) if (path / FILES).is_file() else None

    @cached_property
    def files(self) -> pd.DataFrame:
        """`filepath` and `label` (empty where there is none), row = place in the listing."""
        return pd.read_parquet(self.path / FILES)

    @property
    def shards(self) -> list[Path]:
        """Finished shards in order."""
        return sorted(self.path.glob("*.npz"))

    @property
    def state(self) -> PoolState:
        """Counted anew at every look."""
        total, size = int(self.facts["total"]), int(self.facts["shard_size"])
        numbers = [int(shard.stem) for shard in self.shards]
        done = sum(min(total, (number + 1) * size) - number * size for number in numbers)
        problems = sum(len(_member(shard, "problem_row")) for shard in self.shards)
        return PoolState(total=total, done=done, problems=problems)

    def blocks(self, without: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """Rows (n,) and embeddings (n, D) float16 of each finished shard; unreadable pictures are left out.

        Args:
            without: Content hashes, ascending, of files that are left out as well.
        """
        for shard in self.shards:
            with np.load(shard, allow_pickle=False) as stored:
                kept = ~np.isin(stored["content_hash"], without)
                yield stored["row"][kept], stored["embedding"][kept]

    def facts_of(self, rows: IntArray) -> pd.DataFrame:
        """`row`, `filepath`, `label`, `prediction_index`, `confidence` of some rows, in this order."""
        names = ("prediction_index", "confidence")
        found: dict[int, tuple[Any, ...]] = {}
        size = int(self.facts["shard_size"])
        for number in np.unique(rows // size).tolist():
            with np.load(self._shard(number), allow_pickle=False) as stored:
                kept = stored["row"]
                places = np.searchsorted(kept, rows[rows // size == number])
                values = [stored[name][places].tolist() for name in names]
            found |= dict(zip(kept[places].tolist(), zip(*values, strict=True), strict=True))
        table = self.files.iloc[rows].reset_index(drop=True)
        table.insert(0, "row", rows)
        for place, name in enumerate(names):
            table[name] = [found[row][place] for row in rows.tolist()]
        return table

    def picture(self, row: int) -> bytes | None:
        """The small picture of a row, or None."""
        number = row // int(self.facts["shard_size"])
        if row < 0 or not self._shard(number).is_file():
            return None
        rows, ends = _member(self._shard(number), "row"), _member(self._shard(number), "picture_end")
        place = int(np.searchsorted(rows, row))
        if place >= len(rows) or rows[place] != row:
            return None
        start = int(ends[place - 1]) if place else 0
        try:
            with self._shard(number).with_suffix(".bin").open("rb") as pack:
                pack.seek(start)
                return pack.read(int(ends[place]) - start) or None
        except OSError:
            return None

    @property
    def problems(self) -> pd.DataFrame:
        """`filepath` and `reason` of the pictures that could not be read."""
        parts = []
        for shard in self.shards:
            rows, reasons = _member(shard, "problem_row"), _member(shard, "problem_reason")
            parts.append(pd.DataFrame({"filepath": self.files["filepath"].iloc[rows].to_numpy(), "reason": reasons}))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["filepath", "reason"])

    def _shard(self, number: int) -> Path:
        return self.path / f"{number:06d}.npz"


def _member(shard: Path, name: str) -> AnyArray:
    with np.load(shard, allow_pickle=False) as stored:
        return np.asarray(stored[name])
