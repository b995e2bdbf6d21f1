"""Sending pictures through the network under a variant, with as little opening and decoding as can be."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from torch.utils.data import Dataset as TorchDataset

from analysis.arrays import IntArray
from analysis.datasets.preprocessing import Preprocessing
from analysis.inference.decoding_processes import in_order
from analysis.inference.network import Network, Normalisation, opened
from analysis.progress import ProgressCallback
from analysis.reducers.column_groups import ColumnGroups
from analysis.reducers.records import RecordReducer
from analysis.reruns.answers import Answers
from analysis.reruns.conversions import Conversion, Pixels, pixels_of
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant

Look = tuple[Any, ...]


class Asker:
    """The opened network and the decoded pictures of a search; a context manager.

    A network stays open while the variants asked share it, pictures stay decoded while they share the geometry.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._columns = ColumnGroups.of(subject.is_old, subject.model.outputs, subject.device)
        self._stack = ExitStack()
        self._state: tuple[Any, ...] | None = None
        self._network: Network | None = None
        self._decoded: dict[Look, dict[int, Pixels]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Put the network back as it was."""
        self._stack.close()
        self._stack, self._state, self._network = ExitStack(), None, None

    def forget_pictures(self) -> None:
        """Give back the memory of the decoded pictures."""
        self._decoded.clear()

    def few(self, variant: Variant, rows: IntArray) -> Answers:
        """Ask about some samples; their decoded pictures are kept for the next variant.

        Args:
            variant: What to change.
            rows: (m,) ascending sample_ids.

        Raises:
            ImageError: A picture cannot be decoded in this way.
            ArchitectureError: The network refuses such input.
        """
        size = self._batch_size(variant)
        blocks = [rows[start : start + size] for start in range(0, len(rows), size)]
        return self._ask(variant, ((block, self.pixels(variant, block)) for block in blocks))

    def all(self, variant: Variant, rows: IntArray, progress: ProgressCallback, stage: str) -> Answers:
        """Ask about many samples, which stream by.

        Args:
            variant: What to change.
            rows: (m,) ascending sample_ids.
            progress: Called with (stage, done, m).
            stage: As it is to be called.

        Raises:
            ImageError: A picture cannot be decoded in this way.
            ArchitectureError: The network refuses such input.
        """
        size = self._batch_size(variant)
        blocks = [rows[start : start + size] for start in range(0, len(rows), size)]
        (height, width), channels = variant.preprocessing.input_size, variant.preprocessing.channel_count
        loaded = in_order(
            _Blocks(self.subject, variant),
            blocks,
            workers=self.subject.workers,
            largest=min(size, len(rows)) * height * width * channels,
            hand_over=lambda pixels, put: put(pixels),
        )

        def told() -> Iterator[tuple[IntArray, Pixels]]:
            done = 0
            for block, pixels in zip(blocks, loaded, strict=True):
                progress(stage, done, len(rows))
                yield block, pixels
                done += len(block)
            progress(stage, done, len(rows))

        with closing(loaded):
            return self._ask(variant, told())

    def pixels(self, variant: Variant, rows: IntArray) -> Pixels:
        """(m, height, width, channels) uint8, decoded once for all variants that only normalise or order otherwise."""
        look, decoding = _look(variant)
        kept = self._decoded.setdefault(look, {})
        for row in rows.tolist():
            if row not in kept:
                kept[row] = pixels_of(self.subject.path(row), decoding, variant.conversion)
        pixels = np.stack([kept[row] for row in rows.tolist()])
        return np.ascontiguousarray(pixels[..., ::-1]) if variant.preprocessing.channels == "bgr" else pixels

    def _batch_size(self, variant: Variant) -> int:
        """Fewer pictures at once where they are larger than in the main pass, so that memory suffices."""
        subject = self.subject
        return subject.model.batch_size or max(1, int(subject.batch_size / max(1.0, variant.cost)))

    def _ask(self, variant: Variant, batches: Iterator[tuple[IntArray, Pixels]]) -> Answers:
        network = self._opened(variant).with_normalisation(Normalisation(variant.preprocessing, self.subject.device))
        reducer = RecordReducer(self._columns)
        embeddings: list[torch.Tensor] = []
        torch.manual_seed(self.subject.seed)
        for block, pixels in batches:
            labels = torch.from_numpy(self.subject.label[block]).to(self.subject.device)
            logits, embedding = network(torch.from_numpy(np.ascontiguousarray(pixels)))
            with torch.inference_mode():
                reducer.update(torch.from_numpy(block).to(logits.device), logits, labels)
            if embedding is not None:
                embeddings.append(embedding.cpu())
        return Answers.of_records(reducer.result(), torch.cat(embeddings).numpy() if embeddings else None)

    def _opened(self, variant: Variant) -> Network:
        subject = self.subject
        precision = variant.precision or subject.precision
        state = (variant.network, precision)
        if self._network is None or state != self._state:
            self.close()
            self._state = state
            model = subject.model if variant.network is None else self._stack.enter_context(variant.network(subject))
            self._network = self._stack.enter_context(
                opened(
                    model.module,
                    model.head,
                    columns=self._columns,
                    preprocessing=variant.preprocessing,
                    precision=precision,
                    device=subject.device,
                    fixed=model.batch_size,
                )
            )
        return self._network


class _Blocks(TorchDataset[Pixels]):
    """Pictures of a variant, whole blocks at a time."""

    def __init__(self, subject: Subject, variant: Variant) -> None:
        self._dataset, self._positions = subject.dataset, subject.positions
        self._preprocessing: Preprocessing = variant.preprocessing
        self._conversion: Conversion = variant.conversion

    def __getitem__(self, row: int) -> Pixels:
        path = self._dataset.path_of(int(self._positions[row]))
        return pixels_of(path, self._preprocessing, self._conversion)

    def __getitems__(self, rows: Sequence[int]) -> Pixels:
        return np.stack([self[row] for row in rows])


def _look(variant: Variant) -> tuple[Look, Preprocessing]:
    """What decoded pictures depend on, and how to decode them: colour always with red first."""
    asked = variant.preprocessing
    decoding = asked if asked.channels != "bgr" else replace(asked, channels="rgb", mean=asked.mean[::-1])
    fill = decoding.mean if asked.resize == "letterbox" else None
    geometry = (asked.input_size, asked.resize, asked.crop_pct, asked.interpolation, asked.exif)
    return (*geometry, decoding.channel_count, fill, variant.conversion), decoding
