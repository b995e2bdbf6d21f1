"""A constant between old and new must beat constants between random groups of the same size."""

import numpy as np

from analysis.diagnosis.other_groups import stands_out
from analysis.diagnosis.predictions import Predictions


def predictions(bias, *, classes=10, samples=1_000, seed=0):
    """Noisy logits of one-hot labels with a constant for each class."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, classes, samples)
    z = rng.normal(size=(samples, classes)) + 2.0 * (np.arange(classes) == label[:, None]) + bias
    index = np.tile(np.arange(classes, dtype=np.int32), (samples, 1))
    return Predictions.of_candidates(index, z.astype(np.float32), label, classes)


def test_a_constant_on_the_new_classes_stands_out():
    new = np.arange(10) >= 7
    for size in (-2.0, 1.0, 3.0):
        assert stands_out(predictions(size * new), new)


def test_constants_of_single_classes_do_not():
    new = np.arange(10) >= 7
    told = [stands_out(predictions(np.random.default_rng(s).normal(size=10), seed=s), new) for s in range(20)]
    assert np.mean(told) <= 0.2


def test_two_classes_have_no_other_groups():
    assert stands_out(predictions(np.array([0.0, 2.0]), classes=2), np.array([False, True]))
