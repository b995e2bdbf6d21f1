"""What a resumed run must agree with, so that its shards fit those already there."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.datasets.dataset import Dataset
from analysis.errors import RunError
from analysis.inference.precision import Precision

SHARD_BATCHES = 16

SAID_AS = {
    "checkpoint": "the checkpoint or its weight set",
    "data": "the validation set",
    "classes": "the class list or the old class list",
    "preprocessing": "the preprocessing",
    "precision": "the precision",
    "device": "the kind of device",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the data is cut, and digests of everything the numbers depend on.

    Attributes:
        checkpoint: Digest of the weights.
        data: Digest of file paths and labels, in order.
        classes: Digest of class names and groups.
        preprocessing: Digest.
        precision: fp32 | bf16 | fp16.
        device: cpu | cuda | mps.
        samples: Samples whose label is in the class list.
        shard_size: Samples of a shard; the last may be smaller.
        batch_size: Pictures at once; batches never reach over the end of a shard.
    """

    checkpoint: str
    data: str
    classes: str
    preprocessing: str
    precision: Precision
    device: str
    samples: int
    shard_size: int
    batch_size: int

    @property
    def shards(self) -> int:
        """Number of shards."""
        return -(-self.samples // self.shard_size)

    def bounds(self, shard: int) -> tuple[int, int]:
        """First sample of a shard, and the one after its last."""
        return shard * self.shard_size, min(self.samples, (shard + 1) * self.shard_size)

    def blocks(self, shard: int, positions: IntArray) -> list[IntArray]:
        """Positions of each batch of a shard; `positions` are those of all samples."""
        start, stop = self.bounds(shard)
        return [positions[first : min(stop, first + self.batch_size)] for first in range(start, stop, self.batch_size)]

    def with_batch_size(self, batch_size: int) -> Self:
        """The same plan with smaller batches from here on."""
        return replace(self, batch_size=batch_size)


def agreeing(kept: Plan, wanted: Plan) -> Plan:
    """The kept plan, if the wanted one does not contradict it; its batches and shards stand.

    Raises:
        RunError: Something the numbers depend on has changed since the run was begun.
    """
    changed = [said for name, said in SAID_AS.items() if getattr(kept, name) != getattr(wanted, name)]
    if changed:
        raise RunError(
            f"The run cannot be resumed: {_listed(changed)} changed since it was begun. "
            "Undo that, or start anew with another --out."
        )
    return kept


def data_digest(dataset: Dataset) -> str:
    """Digest of file paths and labels in order."""
    state = hashlib.blake2b(digest_size=16)
    for filepath, label in zip(dataset.filepaths, dataset.labels, strict=True):
        state.update(f"{len(filepath)}:{filepath}{len(label)}:{label}".encode("utf-8", "surrogatepass"))
    return state.hexdigest()


def classes_digest(names: tuple[str, ...], is_old: BoolArray | None) -> str:
    """Digest of class names in order and of their groups."""
    old = None if is_old is None else np.flatnonzero(is_old).tolist()
    text = json.dumps({"names": names, "old": old}, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
