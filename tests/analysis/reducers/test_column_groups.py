"""The grouped order and the way back."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from analysis.reducers.column_groups import ColumnGroups


@given(is_old=st.lists(st.booleans(), min_size=1, max_size=20), outputs=st.integers(1, 25))
def test_order_and_place_are_inverse_and_old_comes_first(is_old, outputs):
    columns = ColumnGroups.of(np.array(is_old), outputs)
    classes = torch.arange(outputs)
    grouped = columns.permute(classes[None].float())[0].long()
    assert columns.class_index(torch.arange(outputs)).tolist() == grouped.tolist()
    assert columns.column(grouped).tolist() == list(range(outputs))
    old, new = (grouped[group].tolist() for group in columns.slices)
    assert old == [index for index in range(outputs) if index < len(is_old) and is_old[index]]
    assert new == [index for index in range(outputs) if index not in old]


def test_without_a_split_there_is_one_group_in_class_order():
    columns = ColumnGroups.of(None, 4)
    logits = torch.rand(2, 4)
    assert columns.permute(logits) is logits
    assert columns.slices == (slice(0, 4),)


def test_a_class_without_an_output_has_no_column():
    columns = ColumnGroups.of(np.array([False, True]), 2)
    assert columns.column(torch.tensor([0, 1, 2, -1])).tolist() == [1, 0, -1, -1]
