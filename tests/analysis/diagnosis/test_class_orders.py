"""Closed-form orders: what loaders really do to lists of names."""

import numpy as np

from analysis.diagnosis.class_orders import class_orders, old_then_new


def _has(names, expected, **given):
    place = {name: i for i, name in enumerate(names)}
    wanted = np.array([place[name] for name in expected])
    return any(np.array_equal(order, wanted) for order in class_orders(names, **given).values())


def test_text_number_and_case():
    assert _has(["1", "2", "10"], ["1", "10", "2"])
    assert _has(["1", "10", "2"], ["1", "2", "10"])
    assert _has(["B", "C", "a"], ["a", "B", "C"])
    assert _has(["a_b", "ab", "a c"], ["a c", "a_b", "ab"])


def test_old_and_new_sorted_each_where_the_list_is_old_then_new():
    old = np.array([True] * 3 + [False] * 2)
    assert _has(["1", "2", "10", "3", "20"], ["1", "10", "2", "20", "3"], is_old=old)


def test_every_order_is_a_permutation_that_moves_something_and_comes_once():
    names = [f"Kind {i}" for i in range(30)]
    orders = list(class_orders(names, train_count=np.arange(30)).values())
    assert all(np.array_equal(np.sort(order), np.arange(30)) for order in orders)
    assert len({order.tobytes() for order in orders}) == len(orders)
    assert not any(np.array_equal(order, np.arange(30)) for order in orders)


def test_old_then_new():
    assert old_then_new(np.array([False, True, False, True]), 5).tolist() == [1, 3, 0, 2, -1]
    assert old_then_new(np.array([True, False]), 2) is None
    assert old_then_new(None, 2) is None


def test_one_name_has_no_other_order():
    assert class_orders(["only"]) == {}
