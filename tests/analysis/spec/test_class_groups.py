"""Old and new classes, told apart by name."""

import numpy as np

from analysis.spec.class_groups import class_groups


def test_classes_are_split_by_name_not_by_position() -> None:
    groups = class_groups(("ape", "bee", "cat"), old=("cat", "ape"))
    np.testing.assert_array_equal(groups.is_old, [True, False, True])
    assert groups.notices == ()


def test_old_names_that_are_gone_are_counted_and_the_first_ones_named() -> None:
    groups = class_groups(("ape", "bee"), old=("ape", *(f"gone {index}" for index in range(7))))
    assert groups.is_old is not None
    assert groups.notices == (
        "7 of 8 old class names are not in the new class list: 'gone 0', 'gone 1', 'gone 2', 'gone 3', 'gone 4', ….",
    )


def test_without_an_old_list_there_is_no_split_and_nothing_to_notice() -> None:
    groups = class_groups(("ape", "bee"), old=None)
    assert groups.is_old is None
    assert groups.notices == ()


def test_one_empty_side_means_no_split_and_says_so() -> None:
    only_old = class_groups(("ape", "bee"), old=("ape", "bee"))
    only_new = class_groups(("ape", "bee"), old=("cow",))
    assert only_old.is_old is None
    assert only_new.is_old is None
    assert "Every class is in the old list" in only_old.notices[-1]
    assert "No class is in the old list" in only_new.notices[-1]
