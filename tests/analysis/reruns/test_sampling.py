"""The order of asking: every sample once, its beginning stratified by class, the same for the same seed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.reruns.sampling import EACH, asking_order


@given(st.lists(st.integers(0, 6), min_size=1, max_size=80), st.integers(0, 5))
def test_every_sample_once(label, seed):
    order = asking_order(np.array(label), seed)
    assert sorted(order.tolist()) == list(range(len(label)))
    assert np.array_equal(order, asking_order(np.array(label), seed))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=80), st.integers(0, 5))
def test_every_class_has_its_first_block_before_any_has_its_second(label, seed):
    label = np.array(label)
    order = asking_order(label, seed)
    first = sum(min(EACH, count) for count in np.unique(label, return_counts=True)[1])
    found = np.unique(label[order[:first]], return_counts=True)
    assert len(found[0]) == len(np.unique(label))
    assert found[1].max() <= EACH
