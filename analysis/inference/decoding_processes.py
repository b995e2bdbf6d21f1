"""Blocks of pictures decoded ahead in processes of their own, which hand over the pixels without a copy on the way."""

import gc
import mmap
import multiprocessing
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from torch.utils.data import DataLoader, get_worker_info
from torch.utils.data import Dataset as TorchDataset

from analysis.arrays import IntArray

Pixels = npt.NDArray[np.uint8]
Put = Callable[[Pixels], Any]

AHEAD = 2
"""Blocks a process works on ahead of the one that is taken from it."""

_memories: dict[int, mmap.mmap] = {}


def in_order(
    dataset: TorchDataset[Any],
    blocks: Sequence[IntArray],
    *,
    workers: int,
    largest: int,
    hand_over: Callable[[Any, Put], Any],
    pin: bool = False,
) -> Generator[Any]:
    """What a dataset gives for each block, in their order. Closed early, it ends the processes at once.

    Args:
        dataset: Gives whole blocks (`__getitems__`).
        blocks: Positions of each.
        workers: Processes that decode ahead; 0: decode in this one.
        largest: Bytes of the pixels of the largest block.
        hand_over: Called with what the dataset gave and `put`, which takes its pixels and returns what is to stand in
            their place. Pixels that come out of `in_order` may be overwritten once the next block is asked for.
        pin: True calls `pin_memory` of what is handed over, in a thread beside.

    Raises:
        MemoryError: The memory to share cannot be had.
    """
    if workers:
        gc.collect()  # garbage of this process, on its device maybe, is not for its copies to free: that kills them
    with _shared(workers, largest) as put:
        yield from DataLoader(
            dataset,
            batch_sampler=[block.tolist() for block in blocks],
            collate_fn=lambda block: hand_over(block, put),
            num_workers=workers,
            prefetch_factor=AHEAD if workers else None,
            worker_init_fn=_begin if workers else None,
            pin_memory=pin,
        )


@contextmanager
def _shared(workers: int, largest: int) -> Iterator[Put]:
    """Give `put` for the decoding processes; where they are not copies of this one, pixels go through their pipes."""
    if not workers or not largest or multiprocessing.get_start_method() != "fork":
        yield _as_it_is
        return
    slots = _Slots(workers, largest)
    try:
        yield slots.put
    finally:
        slots.forget()


class _Slots:
    """Memory that the forked processes write and this one reads.

    It has no name, so the little that containers allow below ``/dev/shm`` is no limit. A process is given its next
    block when one is taken from it, and may then be `AHEAD` blocks further: one slot more than that is enough.
    """

    def __init__(self, workers: int, size: int) -> None:
        try:
            memory = mmap.mmap(-1, workers * (AHEAD + 1) * size)
        except OSError as error:
            raise MemoryError(f"not enough memory to share with {workers} decoding processes") from error
        self._key, self._size, self._used = id(memory), size, 0
        _memories[self._key] = memory

    def put(self, pixels: Pixels) -> "_Put":
        """Called in a decoding process."""
        worker = get_worker_info()
        assert worker is not None
        slot = worker.id * (AHEAD + 1) + self._used % (AHEAD + 1)
        self._used += 1
        put = _Put(self._key, slot * self._size, pixels.shape)
        put.view()[...] = pixels
        return put

    def forget(self) -> None:
        """The memory is given back when nothing looks at it any more."""
        del _memories[self._key]


class _Put:
    """Pixels in shared memory; on the other side of the pipe they are an array again."""

    def __init__(self, key: int, start: int, shape: tuple[int, ...]) -> None:
        self._at = key, start, shape

    def __reduce__(self) -> tuple[Callable[..., Pixels], tuple[int, int, tuple[int, ...]]]:
        return _view, self._at

    def view(self) -> Pixels:
        return _view(*self._at)


def _view(key: int, start: int, shape: tuple[int, ...]) -> Pixels:
    return np.ndarray(shape, dtype=np.uint8, buffer=_memories[key], offset=start)


def _begin(_worker: int) -> None:
    gc.freeze()
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches all of them; the one that asked says what becomes of it


def _as_it_is(pixels: Pixels) -> Pixels:
    return pixels
