"""Which samples come first."""

import numpy as np

from analysis.reports.high_loss import worst_samples

_LOSS = np.array([3.0, 9.0, np.nan, 3.0, 8.0, np.inf])
_CORRECT = np.array([False, False, False, False, True, False])


def test_wrong_samples_largest_loss_first_and_ties_in_order() -> None:
    assert worst_samples(_LOSS, _CORRECT, 9).tolist() == [2, 5, 1, 0, 3]
    assert worst_samples(_LOSS, _CORRECT, 2).tolist() == [2, 5]


def test_only_where_allowed() -> None:
    assert worst_samples(_LOSS, _CORRECT, 9, np.array([True, False, False, True, True, False])).tolist() == [0, 3]
    assert worst_samples(_LOSS, np.ones(6, dtype=np.bool_), 9).tolist() == []
