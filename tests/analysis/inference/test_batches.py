"""Decoding in processes of their own: what they inherit is not theirs to free."""

import gc
import os

import numpy as np
import pytest

from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.datasets.reading import read_dataset
from analysis.inference import batches as module


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


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_come_in_their_order_whoever_decodes(investigated, workers):
    dataset = read_dataset(investigated.manifest, investigated.folder / "images")
    preprocessing = resolve_preprocessing({"input_size": 8}, None)
    blocks = [np.array([5, 3]), np.array([7]), np.array([0, 1, 2])]
    found = list(module.batches(dataset, blocks, preprocessing, workers=workers, pin=False))
    assert [batch.positions.tolist() for batch in found] == [[5, 3], [7], [0, 1, 2]]
