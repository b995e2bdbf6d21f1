"""A class labelled as another is found by its direction; confusions both ways and scattered errors are none."""

import numpy as np
import pytest

from analysis.diagnosis.label_swaps import label_swaps, swap_probability


def _swaps(predicted, confidence, label, neighbours, classes):
    none = np.zeros((len(label), 1))
    return label_swaps(predicted, confidence, label, neighbours, classes, candidate=none.astype(int) - 1, likely=none)


def _set(classes=10, each=100, seed=0):
    """Samples of a good model: prediction = truth with 90 %, mistakes less confident; neighbours of one prediction."""
    rng = np.random.default_rng(seed)
    true = np.repeat(np.arange(classes), each)
    wrong = rng.random(len(true)) < 0.1
    predicted = np.where(wrong, (true + rng.integers(1, classes, len(true))) % classes, true)
    confidence = np.where(wrong, rng.uniform(0.3, 0.7, len(true)), rng.uniform(0.5, 1.0, len(true)))
    neighbours = np.empty((len(true), 10), dtype=np.int64)
    for c in range(classes):
        rows = np.flatnonzero(predicted == c)
        neighbours[rows] = rng.choice(rows, (len(rows), 10))
    return true, predicted, confidence, neighbours, rng


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_a_class_labelled_as_another_is_found_and_counted(share):
    true, predicted, confidence, neighbours, rng = _set()
    label = true.copy()
    label[rng.permutation(np.flatnonzero(true == 3))[: round(100 * share)]] = 7
    (swap,) = _swaps(predicted, confidence, label, neighbours, 10)
    assert (swap.true, swap.written) == (3, 7)
    assert swap.low < 100 * share < swap.high
    assert swap.share == pytest.approx(share, abs=0.15)


@pytest.mark.parametrize("seed", range(10))
def test_healthy_sets_have_none(seed):
    true, predicted, confidence, neighbours, _ = _set(seed=seed)
    assert _swaps(predicted, confidence, true, neighbours, 10) == ()


@pytest.mark.parametrize("seed", range(5))
def test_scattered_errors_are_no_swap(seed):
    true, predicted, confidence, neighbours, rng = _set(seed=seed)
    flipped = rng.random(len(true)) < 0.1
    label = np.where(flipped, (true + rng.integers(1, 10, len(true))) % 10, true)
    assert _swaps(predicted, confidence, label, neighbours, 10) == ()


def test_two_classes_that_trade_labels_are_a_confusion():
    true, predicted, confidence, neighbours, rng = _set()
    label = true.copy()
    for one, other in ((3, 7), (7, 3)):
        label[rng.permutation(np.flatnonzero(true == one))[:30]] = other
    assert _swaps(predicted, confidence, label, neighbours, 10) == ()


def test_probability_weighs_what_the_model_sees_with_how_common_the_swap_is():
    true, predicted, confidence, neighbours, rng = _set()
    label = true.copy()
    label[rng.permutation(np.flatnonzero(true == 3))[:50]] = 7
    swaps = _swaps(predicted, confidence, label, neighbours, 10)
    candidate, p = np.array([[3, 7], [3, 7], [3, 7]]), np.array([[0.9, 0.05], [0.1, 0.85], [0.9, 0.05]])
    likely = swap_probability(swaps, candidate, p, np.array([7, 7, 3]))
    share = swaps[0].share
    assert likely == pytest.approx([share * 0.9 / (share * 0.9 + 0.05), share * 0.1 / (share * 0.1 + 0.85), 0])


def test_hardly_any_samples_give_none():
    none = np.zeros(0, dtype=np.int64)
    assert _swaps(none, np.zeros(0), none, np.zeros((0, 10), dtype=np.int64), 3) == ()


@pytest.mark.parametrize("expected", [0.0, 0.3])
def test_what_a_weak_model_expects_of_its_typical_samples_is_no_swap(expected):
    true, predicted, confidence, neighbours, rng = _set()
    label = true.copy()
    label[rng.permutation(np.flatnonzero(true == 3))[:25]] = 7
    candidate, likely = np.full((len(true), 1), 7), np.full((len(true), 1), expected)
    found = label_swaps(predicted, confidence, label, neighbours, 10, candidate=candidate, likely=likely)
    assert len(found) == (0 if expected else 1)
