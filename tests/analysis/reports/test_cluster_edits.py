"""Laws that edits of clusters keep, whatever their order."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.arrays import IntArray
from analysis.reports.cluster_edits import (
    Edit,
    Hide,
    Merge,
    Rename,
    Split,
    apply_edits,
    edit_of,
    split_off,
    value_of,
)
from analysis.reports.sample_sets import pack_samples, unpack_samples

N = 24
_NUMBER = st.integers(-1, 8)
_IDS = st.lists(st.integers(0, N + 5), max_size=12).map(lambda ids: np.array(ids, dtype=np.int64))
_EDITS = st.lists(
    st.one_of(
        st.builds(Merge, into=_NUMBER, clusters=st.lists(_NUMBER, max_size=3).map(tuple)),
        st.builds(Split, cluster=_NUMBER, into=_NUMBER, moved=_IDS.map(pack_samples)),
        st.builds(Rename, cluster=_NUMBER, name=st.text(max_size=8)),
        st.builds(Hide, cluster=_NUMBER, hidden=st.booleans()),
    ),
    max_size=8,
)
_BASE = st.lists(st.integers(-1, 4), min_size=N, max_size=N).map(lambda numbers: np.array(numbers, dtype=np.int32))


@given(_BASE, _EDITS)
def test_samples_stay_in_a_cluster_or_in_none(base: IntArray, edits: list[Edit]) -> None:
    before = base.copy()
    found = apply_edits(base, edits)
    np.testing.assert_array_equal(base, before)
    np.testing.assert_array_equal(found.assigned < 0, base < 0)
    there = set(found.assigned[found.assigned >= 0].tolist())
    assert set(found.went_to.values()) <= there
    assert not set(found.went_to) & there
    assert (set(found.names) | found.hidden | found.changed) <= there
    for number in set(base[base >= 0].tolist()):  # a link to any cluster of the base leads somewhere
        assert number in there or number in found.went_to


@given(_BASE, _EDITS)
def test_only_what_is_listed_as_changed_has_changed(base: IntArray, edits: list[Edit]) -> None:
    found = apply_edits(base, edits)
    for number in set(found.assigned[found.assigned >= 0].tolist()) - found.changed:
        np.testing.assert_array_equal(found.assigned == number, base == number)


@given(_BASE, _EDITS)
def test_edits_without_effect_may_be_left_out(base: IntArray, edits: list[Edit]) -> None:
    found = apply_edits(base, edits)
    again = apply_edits(base, [edit for place, edit in enumerate(edits) if place not in found.without_effect])
    np.testing.assert_array_equal(again.assigned, found.assigned)
    assert (again.names, again.hidden, again.went_to) == (found.names, found.hidden, found.went_to)
    assert again.without_effect == ()


@given(_BASE, _EDITS)
def test_edits_go_through_the_store_unchanged(base: IntArray, edits: list[Edit]) -> None:
    assert [edit_of(value_of(edit)) for edit in edits] == edits
    del base


@given(_BASE, st.integers(0, 4), st.lists(st.integers(0, 4), max_size=4))
def test_merging_one_by_one_is_merging_at_once(base: IntArray, into: int, others: list[int]) -> None:
    at_once = apply_edits(base, [Merge(into=into, clusters=tuple(others))])
    in_turn = apply_edits(base, [Merge(into=into, clusters=(number,)) for number in others])
    np.testing.assert_array_equal(at_once.assigned, in_turn.assigned)


@given(_BASE, st.integers(0, 4), _IDS)
def test_a_split_merged_again_is_as_before(base: IntArray, cluster: int, moved: IntArray) -> None:
    split = split_off(cluster, moved, range(5))
    found = apply_edits(base, [split, Merge(into=cluster, clusters=(split.into,))])
    np.testing.assert_array_equal(found.assigned, base)


@given(_IDS)
def test_sets_of_samples_are_read_back(ids: IntArray) -> None:
    assert unpack_samples(pack_samples(ids)).tolist() == sorted(set(ids.tolist()))


def test_a_link_to_a_merged_cluster_leads_to_where_it_went() -> None:
    base = np.array([0, 0, 1, 1, 2, -1])
    found = apply_edits(base, [Merge(into=1, clusters=(2,)), Merge(into=0, clusters=(1,)), Rename(cluster=2, name="x")])
    assert found.went_to == {1: 0, 2: 0}
    assert found.names == {0: "x"}
    assert found.assigned.tolist() == [0, 0, 0, 0, 0, -1]


def test_a_split_whose_merge_was_undone_changes_nothing() -> None:
    base = np.array([0, 0, 1, 1])
    merge, split = Merge(into=0, clusters=(1,)), split_off(0, np.array([2, 3]), range(2))
    assert apply_edits(base, [merge, split]).assigned.tolist() == [0, 0, 2, 2]
    assert apply_edits(base, [split]).without_effect == (0,)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"edit": "explode"},
        {"edit": "merge", "into": "x", "clusters": [1]},
        {"edit": "split", "cluster": 1, "into": 2, "moved": "no base64!"},
        {"edit": "rename", "cluster": None, "name": "x"},
        {"edit": "hide"},
    ],
)
def test_what_is_no_edit_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no edit of clusters"):
        edit_of(value)
