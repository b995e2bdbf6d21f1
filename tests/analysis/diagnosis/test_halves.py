"""The two halves: copies stay together, classes are spread, order plays no part."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.diagnosis.halves import halves

SAMPLES = st.lists(st.tuples(st.integers(-(2**62), 2**62), st.integers(0, 5)), min_size=1, max_size=80)


@given(SAMPLES)
def test_copies_of_a_picture_are_on_one_side(samples):
    content, label = np.array(samples, dtype=np.int64).T
    split = halves(content % 7, label)
    for value in np.unique(content % 7):
        assert len(np.unique(split.second[content % 7 == value])) == 1


@given(SAMPLES, st.randoms(use_true_random=False))
def test_the_order_of_the_files_plays_no_part(samples, random):
    content, label = np.array(samples, dtype=np.int64).T
    order = np.array(random.sample(range(len(label)), len(label)))
    assert np.array_equal(halves(content[order], label[order]).second, halves(content, label).second[order])


def test_every_class_is_spread_evenly_and_singles_on_both_sides():
    content = np.random.default_rng(0).integers(-(2**62), 2**62, size=3000)
    even = halves(content, np.repeat(np.arange(300), 10)).second.reshape(300, 10).sum(axis=1)
    singles = halves(content, np.arange(3000)).second.mean()
    assert np.array_equal(even, np.full(300, 5))
    assert 0.45 < singles < 0.55


def test_another_salt_gives_another_split_and_no_samples_give_none():
    content, label = np.arange(100), np.zeros(100, dtype=np.int64)
    assert not np.array_equal(halves(content, label).second, halves(content, label, salt=1).second)
    assert len(halves(content[:0], label[:0]).second) == 0
