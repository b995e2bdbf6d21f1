"""Which samples are asked first: a few of each of some classes, so that class means can be compared early."""

import numpy as np

from analysis.arrays import IntArray

EACH = 4


def asking_order(label: IntArray, seed: int) -> IntArray:
    """A random order of all samples whose beginnings are stratified by class.

    Samples come in blocks of four of one class; every class has its first block before any has its second.

    Args:
        label: (N,) class.
        seed: of the order.

    Returns:
        (N,) int64 sample_ids.
    """
    rng = np.random.default_rng(seed)
    mixed = rng.permutation(len(label))
    order = mixed[np.argsort(label[mixed], kind="stable")]
    _, start, count = np.unique(label[order], return_index=True, return_counts=True)
    within = np.arange(len(label)) - np.repeat(start, count)
    turn = rng.permutation(len(start))
    keys = np.lexsort((within, np.repeat(turn, count), within // EACH))
    return np.asarray(order[keys], dtype=np.int64)
