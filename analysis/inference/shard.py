"""One block of samples on its way to disk."""

import time

import numpy as np
import torch

from analysis.arrays import AnyArray
from analysis.inference.batches import Batch
from analysis.reducers.column_groups import ColumnGroups
from analysis.reducers.logit_histogram import LogitHistogramReducer
from analysis.reducers.records import RecordReducer
from analysis.runs import layout

HISTOGRAM = "histogram_"


class Shard:
    """Collects what is kept of a block of samples; `arrays` is what the run writer commits."""

    def __init__(self, columns: ColumnGroups, edges: tuple[float, float] | None) -> None:
        """Start an empty block; `edges` of the histogram are None until a batch has been seen."""
        self._columns = columns
        self._records = RecordReducer(columns)
        self._histogram = None if edges is None else LogitHistogramReducer(columns, *edges)
        self._batches: list[Batch] = []
        self._embeddings: list[torch.Tensor] = []
        self._began = time.perf_counter()

    @property
    def edges(self) -> tuple[float, float] | None:
        """The histogram's outer edges, once they are known."""
        return None if self._histogram is None else (self._histogram.low, self._histogram.high)

    def add(self, batch: Batch, logits: torch.Tensor, embedding: torch.Tensor | None, labels: torch.Tensor) -> None:
        """Take in one batch of n decoded pictures.

        Args:
            batch: What is known of the files.
            logits: (n, C) float32 in the grouped order; overwritten.
            embedding: (n, D) float16 or None.
            labels: (n,) int64 class indices on the device of the logits.
        """
        positions = torch.from_numpy(batch.positions).to(logits.device)
        if self._histogram is None:
            self._histogram = LogitHistogramReducer.from_first_batch(self._columns, logits)
        self._histogram.update(positions, logits, labels)
        self._records.update(positions, logits, labels)
        if embedding is not None:
            self._embeddings.append(embedding)
        self.add_files(batch)

    def add_files(self, batch: Batch) -> None:
        """Take in what is known of a batch's files; enough where none of them could be decoded."""
        self._batches.append(batch.without_pixels())

    def arrays(self) -> dict[str, AnyArray]:
        """Everything that is kept, one array a name."""
        kept = self._records.result() | self._pictures()
        if self._histogram is not None:
            kept |= {f"{HISTOGRAM}{name}": values for name, values in self._histogram.result().items()}
        if self._embeddings:
            kept["embedding"] = torch.cat(self._embeddings).cpu().numpy()
        kept["seconds"] = np.array(time.perf_counter() - self._began)
        return kept

    def _pictures(self) -> dict[str, AnyArray]:
        batches = self._batches
        thumbnails = [data for batch in batches for data in batch.thumbnails]
        failures = [failure for batch in batches for failure in batch.failures]
        joined = b"".join(thumbnails)
        return {
            **{
                name: np.concatenate([getattr(batch, name) for batch in batches])
                for name in ("width", "height", "content_hash")
            },
            **{name: np.concatenate([batch.pixel_facts[name] for batch in batches]) for name in layout.PIXEL_COLUMNS},
            "mode": np.array([mode for batch in batches for mode in batch.mode], dtype=np.str_),
            "thumbnail": np.frombuffer(joined, dtype=np.uint8),
            "thumbnail_length": np.array([len(data) for data in thumbnails], dtype=np.int64),
            "problem_position": np.array([position for position, _ in failures], dtype=np.int64),
            "problem_reason": np.array([reason for _, reason in failures], dtype=np.str_),
        }
