"""Decoded pictures in batches whose boundaries depend on the data's order alone."""

import os
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset as TorchDataset

from analysis.arrays import FloatArray, IntArray
from analysis.datasets.dataset import Dataset
from analysis.datasets.images import DecodedImage, decode
from analysis.datasets.preprocessing import Preprocessing
from analysis.errors import ImageError
from analysis.inference.decoding_processes import in_order
from analysis.inference.pixel_facts import pixel_facts

MOST_WORKERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Pictures of one batch; n of them could be decoded.

    Attributes:
        pixels: (n, height, width, channels) uint8, in ordinary or page-locked memory.
        positions: (n,) int64 index of each picture in the dataset.
        width: (n,) int32 of the file's picture, in pixels.
        height: (n,) int32.
        mode: (n) Pillow's name of the file's pixel format.
        pixel_facts: how they look to the network; see `pixel_facts`.
        content_hash: (n,) int64 of the file's bytes.
        thumbnails: (n) small picture files.
        failures: (position, reason) of the pictures that could not be decoded.
    """

    pixels: npt.NDArray[np.uint8] | torch.Tensor
    positions: IntArray
    width: IntArray
    height: IntArray
    mode: tuple[str, ...]
    pixel_facts: Mapping[str, FloatArray]
    content_hash: IntArray
    thumbnails: tuple[bytes, ...]
    failures: tuple[tuple[int, str], ...]

    def __len__(self) -> int:
        return len(self.positions)

    def tensor(self) -> torch.Tensor:
        """The pixels as a tensor."""
        return self.pixels if isinstance(self.pixels, torch.Tensor) else torch.from_numpy(self.pixels)

    def without_pixels(self) -> "Batch":
        """The same batch with the memory of its pixels given back."""
        return replace(self, pixels=np.empty((0, 1, 1, 1), dtype=np.uint8))

    def pin_memory(self) -> "Batch":
        """Move the pixels to page-locked memory, from where a GPU copies without waiting."""
        return replace(self, pixels=self.tensor().pin_memory())


class Pictures(TorchDataset[DecodedImage | str]):
    """Pictures by position in the dataset; one that cannot be decoded is its reason."""

    def __init__(self, dataset: Dataset, preprocessing: Preprocessing, *, thumbnails: bool = True) -> None:
        self.dataset = dataset
        self.preprocessing = preprocessing
        self.thumbnails = thumbnails

    def __getitem__(self, position: int) -> DecodedImage | str:
        try:
            return decode(self.dataset.path_of(position), self.preprocessing, thumbnail=self.thumbnails)
        except ImageError as error:
            return str(error)

    def __getitems__(self, positions: Sequence[int]) -> Batch:
        """One whole batch; the loader prefers this to one call a picture."""
        outcomes = [(position, self[position]) for position in positions]
        images = [(position, image) for position, image in outcomes if isinstance(image, DecodedImage)]
        failures = tuple((position, reason) for position, reason in outcomes if isinstance(reason, str))
        height, width = self.preprocessing.input_size
        pixels = np.empty((len(images), height, width, self.preprocessing.channel_count), dtype=np.uint8)
        for row, (_, image) in enumerate(images):
            pixels[row] = image.pixels
        return Batch(
            pixels=pixels,
            positions=np.array([position for position, _ in images], dtype=np.int64),
            width=np.array([image.width for _, image in images], dtype=np.int32),
            height=np.array([image.height for _, image in images], dtype=np.int32),
            mode=tuple(image.mode for _, image in images),
            pixel_facts=pixel_facts(pixels),
            content_hash=np.array([image.content_hash for _, image in images], dtype=np.int64),
            thumbnails=tuple(image.thumbnail for _, image in images),
            failures=failures,
        )


def batches(
    dataset: Dataset,
    blocks: Sequence[IntArray],
    preprocessing: Preprocessing,
    *,
    workers: int,
    pin: bool,
    thumbnails: bool = True,
) -> Generator[Batch]:
    """Decode blocks of positions, in their order.

    Args:
        dataset: Where the pictures are.
        blocks: Positions of each batch.
        preprocessing: How they are decoded.
        workers: Processes that decode ahead; 0: decode in this one.
        pin: True puts the pixels into page-locked memory.
        thumbnails: False leaves them empty.

    Yields:
        One batch a block; pixels that are not pinned may be overwritten once the next is asked for. To be closed where
        not all of them are taken.
    """
    height, width = preprocessing.input_size
    yield from in_order(
        Pictures(dataset, preprocessing, thumbnails=thumbnails),
        blocks,
        workers=workers,
        largest=max(map(len, blocks), default=0) * height * width * preprocessing.channel_count,
        hand_over=lambda batch, put: replace(batch, pixels=put(batch.pixels)),
        pin=pin,
    )


def choose_workers(asked: int | Literal["auto"], device: torch.device) -> int:
    """Number of decoding processes: none beside a CPU network, which needs the cores itself."""
    if asked != "auto":
        return asked
    return min(MOST_WORKERS, len(os.sched_getaffinity(0))) if device.type == "cuda" else 0
