"""Batches through the network into shards, with smaller batches where memory does not suffice."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch

from analysis.arrays import IntArray
from analysis.datasets.dataset import Dataset
from analysis.datasets.preprocessing import Preprocessing
from analysis.errors import AnalysisError
from analysis.inference.batch_size import is_out_of_memory
from analysis.inference.batches import Batch, batches
from analysis.inference.network import Network
from analysis.inference.plan import Plan
from analysis.inference.progress import Throttle
from analysis.inference.shard import Shard
from analysis.inference.summary import write_memory
from analysis.reducers.column_groups import ColumnGroups
from analysis.runs.writer import RunWriter

STAGE = "inference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The samples that go through the network.

    Attributes:
        dataset: Where the pictures are.
        positions: (n,) int64 positions in the dataset of the samples whose label is a class name.
        label_index: (N,) int32 class index of every sample of the dataset.
        preprocessing: How they are decoded.
        workers: Decoding processes.
        device: Where the network runs.
        seed: Of torch's random numbers, for networks that draw some.
        thumbnails: False keeps no small pictures.
    """

    dataset: Dataset
    positions: IntArray
    label_index: IntArray
    preprocessing: Preprocessing
    workers: int
    device: torch.device
    seed: int
    thumbnails: bool = True


@dataclass(slots=True, kw_only=True)
class Streaming:
    """The pass over all shards that are not committed yet.

    Attributes:
        network: Pixels to logits and embeddings.
        columns: Order of these logits.
        source: The samples.
        plan: How they are cut; its batch size shrinks where memory does not suffice.
        out: Where finished shards go.
        tell: Progress.
    """

    network: Network
    columns: ColumnGroups
    source: Source
    plan: Plan
    out: RunWriter
    tell: Throttle

    def run(self) -> Plan:
        """Work until every shard is committed, and return the plan as it was at the end.

        Raises:
            AnalysisError: Not even one picture fits into memory.
        """
        while pending := sorted(set(range(self.plan.shards)) - set(self.out.finished_shards())):
            try:
                self._work_through(pending)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                self.plan = _smaller(self.plan, error)
                write_memory(self.out, self.plan, None)
            if self.source.device.type == "cuda":
                torch.cuda.empty_cache()
        return self.plan

    def _work_through(self, pending: Sequence[int]) -> None:
        blocks = [block for number in pending for block in self.plan.blocks(number, self.source.positions)]
        loaded = batches(
            self.source.dataset,
            blocks,
            self.source.preprocessing,
            workers=self.source.workers,
            pin=self.source.device.type == "cuda",
            thumbnails=self.source.thumbnails,
        )
        edges = _known_edges(self.out)
        with closing(loaded):
            for number in pending:
                shard = self._filled(number, Shard(self.columns, edges), loaded)
                self.out.commit_shard(number, shard.arrays())
                edges = edges or shard.edges

    def _filled(self, number: int, shard: Shard, loaded: Iterator[Batch]) -> Shard:
        start, stop = self.plan.bounds(number)
        self.tell(STAGE, start, self.plan.samples)
        torch.manual_seed(self.source.seed)
        for first in range(start, stop, self.plan.batch_size):
            _take(shard, self.network, next(loaded), self.source)
            self.tell(STAGE, min(stop, first + self.plan.batch_size), self.plan.samples)
        return shard


def _take(shard: Shard, network: Network, batch: Batch, source: Source) -> None:
    if not len(batch):
        shard.add_files(batch)
        return
    labels = torch.from_numpy(source.label_index[batch.positions].astype(np.int64)).to(source.device)
    logits, embedding = network(batch.tensor())
    with torch.inference_mode():
        shard.add(batch, logits, embedding, labels)


def _known_edges(out: RunWriter) -> tuple[float, float] | None:
    """The histogram's outer edges in a run that is resumed."""
    for number in out.finished_shards():
        kept = out.read_shard(number, ("histogram_edges",))
        if kept:
            edges = kept["histogram_edges"]
            return float(edges[0]), float(edges[-1])
    return None


def _smaller(plan: Plan, error: BaseException) -> Plan:
    if plan.batch_size == 1:
        raise AnalysisError(
            "The network does not fit into memory, not even with one picture at a time. Use another device, a smaller "
            "input_size, or close what else uses the memory."
        ) from error
    return plan.with_batch_size(max(1, plan.batch_size // 2))
