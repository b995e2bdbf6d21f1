"""The largest few of wide rows, held against a full sort."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.diagnosis.wide_top import places_of_largest


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 700)), elements=st.floats(-9, 9, width=16)),
    st.integers(1, 9),
)
def test_the_values_are_those_of_a_full_sort(values, k):
    k = min(k, values.shape[1])
    found = places_of_largest(values, k)
    assert all(len(set(row)) == k for row in found.tolist())
    taken = np.sort(np.take_along_axis(values, found, axis=1), axis=1)
    assert np.array_equal(taken, np.sort(values, axis=1)[:, -k:])


def test_columns_behind_the_last_whole_group_count():
    values = np.zeros((2, 64 * 9 + 5), dtype=np.float32)
    values[0, -1], values[1, 0] = 1, np.inf
    values[0, :64] = -np.inf
    assert places_of_largest(values, 1).tolist() == [[580], [0]]
