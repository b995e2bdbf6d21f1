"""Sparse counts against a dense matrix, and the merge law."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.reducers.confusions import ConfusionReducer

PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=30)


def dense(reducer):
    matrix = np.zeros((7, 10), dtype=np.int64)
    labels, predictions, counts = reducer.result()
    matrix[labels, predictions] = counts
    assert (counts > 0).all()
    return matrix


@given(batches=st.lists(PAIRS, max_size=4))
def test_any_cut_gives_the_dense_matrix(batches):
    expected = np.zeros((7, 10), dtype=np.int64)
    streamed, merged = ConfusionReducer(), ConfusionReducer()
    for pairs in batches:
        label, prediction = (np.array([pair[side] for pair in pairs], dtype=np.int32) for side in (0, 1))
        np.add.at(expected, (label, prediction), 1)
        streamed.update(label, prediction)
        worker = ConfusionReducer()
        worker.update(label, prediction)
        merged.merge(worker)
    assert (dense(streamed) == expected).all()
    assert (dense(merged) == expected).all()


def test_large_indices_and_order():
    reducer = ConfusionReducer()
    reducer.update(np.array([199_999, 0, 199_999]), np.array([199_998, 5, 199_998]))
    label, prediction, count = reducer.result()
    assert (label.tolist(), prediction.tolist(), count.tolist()) == ([0, 199_999], [5, 199_998], [1, 2])
