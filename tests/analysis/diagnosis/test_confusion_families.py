"""Families are found in a planted confusion graph, stay within the limit, and chance agrees with shuffling."""

import numpy as np
import pytest

from analysis.diagnosis.confusion_families import confusion_families, expected_inside


def _errors(classes, size, inside, count, seed=0):
    """Errors that stay within blocks of `size` classes with probability `inside`."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, classes, count)
    mate = label // size * size + (label % size + rng.integers(1, size, count)) % size
    stranger = (label + rng.integers(1, classes, count)) % classes
    return label, np.where(rng.random(count) < inside, mate, stranger)


@pytest.mark.parametrize("size", [2, 5, 10])
def test_planted_families_are_found(size):
    label, predicted = _errors(100, size, 0.9, 3000)
    family = confusion_families(label, predicted, np.full(100, 50), most=20)
    planted = np.arange(100) // size
    together = family[:, None] == family[None, :]
    meant = planted[:, None] == planted[None, :]
    off = ~np.eye(100, dtype=bool)
    assert (together & meant & off).sum() > 0.9 * (meant & off).sum()


def test_no_family_is_larger_than_the_limit():
    label, predicted = _errors(60, 30, 0.95, 5000)
    family = confusion_families(label, predicted, np.full(60, 100), most=7)
    assert np.bincount(family).max() <= 7


def test_without_errors_every_class_stands_alone():
    none = np.zeros(0, dtype=np.int64)
    assert np.array_equal(confusion_families(none, none, np.full(4, 9), most=2), np.arange(4))
    assert expected_inside(none, none, np.arange(4)) == 1.0


def test_chance_is_what_shuffling_the_answers_gives():
    label, predicted = _errors(30, 5, 0.7, 4000)
    family = np.arange(30) // 5
    rng = np.random.default_rng(1)
    shares = []
    for _ in range(200):
        shuffled = rng.permutation(predicted)
        other = shuffled != label
        shares.append((family[label] == family[shuffled])[other].mean())
    assert expected_inside(label, predicted, family) == pytest.approx(np.mean(shares), abs=0.005)
