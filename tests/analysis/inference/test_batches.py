"""Decoding in processes of their own: what they inherit is not theirs to free."""

import gc
import multiprocessing
import os
import time

import numpy as np
import pytest

from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.datasets.reading import read_dataset
from analysis.inference import batches as module
from analysis.inference import decoding_processes


class Remains:
    """Part of a cycle: only the garbage collector frees it, and it says in which process that was."""

    def __init__(self, log):
        self.log, self.itself = log, self

    def __del__(self):
        with self.log.open("a") as file:
            file.write(f"{os.getpid()}\n")


def test_garbage_from_before_is_not_freed_by_a_decoding_process(investigated, tmp_path, monkeypatch):
    """Were it memory of a GPU, freeing it in a forked process would end that process."""
    log, decode = tmp_path / "freed.txt", module.decode

    def collecting_decode(*args, **options):
        gc.collect()
        return decode(*args, **options)

    monkeypatch.setattr(module, "decode", collecting_decode)
    dataset = read_dataset(investigated.manifest, investigated.folder / "images")
    preprocessing = resolve_preprocessing({"input_size": 8}, None)
    gc.disable()
    try:
        Remains(log)
        found = list(module.batches(dataset, [np.arange(4)], preprocessing, workers=1, pin=False))
    finally:
        gc.enable()
    assert [len(batch) for batch in found] == [4]
    assert log.read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("start", ["fork", "spawn"])  # processes that are no copies of this one get no shared memory
def test_batches_come_in_their_order_with_their_pixels_whoever_decodes(investigated, start, monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda: start)
    dataset = read_dataset(investigated.manifest, investigated.folder / "images")
    preprocessing = resolve_preprocessing({"input_size": 8}, None)
    blocks = np.array_split(np.random.default_rng(0).permutation(40), 17)
    here = list(module.batches(dataset, blocks, preprocessing, workers=0, pin=False))
    rounds = 0
    for expected, batch in zip(here, module.batches(dataset, blocks, preprocessing, workers=2, pin=False), strict=True):
        time.sleep(0.02)  # the others are as far ahead as they ever get
        assert np.array_equal(batch.tensor().numpy(), expected.tensor().numpy())
        assert np.array_equal(batch.positions, blocks[rounds])
        rounds += 1
    assert rounds == 17


def test_a_block_without_any_picture_has_no_pixels(investigated):
    for number in range(4):
        (investigated.folder / "images" / f"{number}.png").write_bytes(b"no picture")
    dataset = read_dataset(investigated.manifest, investigated.folder / "images")
    preprocessing = resolve_preprocessing({"input_size": 8}, None)
    found = list(module.batches(dataset, [np.arange(4), np.arange(4, 6)], preprocessing, workers=1, pin=False))
    assert [len(batch) for batch in found] == [0, 2]
    assert len(found[0].failures) == 4


def test_memory_that_cannot_be_shared_is_a_lack_of_memory(investigated, monkeypatch):
    """Then smaller batches are tried, as where the network's own do not fit."""

    def refuse(*_):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(decoding_processes.mmap, "mmap", refuse)
    dataset = read_dataset(investigated.manifest, investigated.folder / "images")
    preprocessing = resolve_preprocessing({"input_size": 8}, None)
    with pytest.raises(MemoryError, match="2 decoding processes"):
        next(iter(module.batches(dataset, [np.arange(4)], preprocessing, workers=2, pin=False)))
