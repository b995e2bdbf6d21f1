"""Failing slices are found by the shortest expression; random columns, overlaps and hard classes add nothing."""

import numpy as np
import pandas as pd
import pytest

from analysis.reports.metadata_columns import levels_of
from analysis.reports.slices import COLUMNS, find_slices


def _data(seed=0, n=3000, classes=10, columns=8):
    rng = np.random.default_rng(seed)
    frame = {f"c{i}": rng.integers(0, int(rng.integers(2, 20)), n) for i in range(columns)}
    frame |= {"camera": rng.choice(list("abcd"), n), "iso": np.exp(rng.normal(6, 1, n))}
    return pd.DataFrame(frame), rng.integers(0, classes, n), rng


def _search(frame, label, hit, rng, rate=0.15):
    wrong = rng.random(len(label)) < np.where(hit, rate + 0.4, rate)
    return find_slices(levels_of(frame)[0], label, wrong, rng.random(len(label)) < 0.5)


def test_one_value_is_found_and_nothing_else():
    frame, label, rng = _data()
    hit = (frame["camera"] == "b").to_numpy()
    search = _search(frame, label, hit, rng)
    assert [one.text for one in search.failing] == ['camera = "b"']
    assert (search.failing[0].inside == hit).all()
    assert search.failing[0].held_out.size + (hit & ~search.failing[0].inside).sum() < hit.sum()


def test_two_slices_are_both_found():
    frame, label, rng = _data()
    hit = ((frame["camera"] == "b") | (frame["iso"] > 1300)).to_numpy()
    texts = [one.text for one in _search(frame, label, hit, rng).failing]
    assert 'camera = "b"' in texts
    assert any(text.startswith("iso >= 1") for text in texts)


@pytest.mark.parametrize("classes", [10, 1000])
def test_where_two_columns_meet(classes):
    frame, label, rng = _data(classes=classes, columns=4)
    hit = ((frame["camera"] == "b") & (frame["iso"] > 400)).to_numpy()
    inside = _search(frame, label, hit, rng).failing[0].inside
    assert (inside & hit).sum() > 0.85 * max(inside.sum(), hit.sum())


def test_random_columns_are_silent():
    failing = 0
    for seed in range(20):
        frame, label, rng = _data(seed=seed, n=1000, columns=30)
        failing += len(_search(frame, label, np.zeros(1000, dtype=bool), rng).failing)
    assert failing <= 1


def test_overlapping_columns_are_told_once():
    frame, label, rng = _data()
    frame["lens"] = np.where(rng.random(3000) < 0.98, frame["camera"], "a")
    search = _search(frame, label, (frame["camera"] == "b").to_numpy(), rng)
    assert len(search.failing) == 1


def test_table_has_a_row_for_each_candidate():
    frame, label, rng = _data()
    search = _search(frame, label, (frame["camera"] == "b").to_numpy(), rng)
    table = search.table()
    assert tuple(table.columns) == COLUMNS
    assert 1 <= len(table) == len(search.slices) <= 10
    assert ((table["p"] > 0) & (table["p"] <= table["p_adjusted"])).all()


@pytest.mark.parametrize("n", [0, 1, 40])
def test_hardly_any_samples(n):
    frame, label, rng = _data(n=max(n, 1))
    search = _search(frame.head(n), label[:n], np.zeros(n, dtype=bool), rng)
    assert search.failing == ()


def test_no_columns_and_nothing_wrong():
    _, label, _ = _data(n=100)
    second = np.arange(100) % 2 == 0
    assert find_slices([], label, np.ones(100, dtype=bool), second).slices == ()
    columns = levels_of(pd.DataFrame({"a": ["x", "y"] * 50}))[0]
    assert find_slices(columns, label, np.zeros(100, dtype=bool), second).failing == ()


def test_more_columns_than_are_combined():
    frame, label, rng = _data(n=600, columns=200)
    hit = (frame["camera"] == "b").to_numpy()
    assert [one.text for one in _search(frame, label, hit, rng).failing] == ['camera = "b"']


def test_odd_columns_are_left_out_with_a_reason_and_a_thousand_random_ones_hide_nothing() -> None:
    n = 1500
    rng = np.random.default_rng(3)
    columns = {f"c{i}": rng.integers(0, 6, n) for i in range(990)} | {
        "camera": rng.choice(["a", "b"], n, p=[0.8, 0.2]),
        "one": ["x"] * n,
        "id": [f"p{i}" for i in range(n)],
        "mixed": [[1, "a", None, 2.5, True][i % 5] for i in range(n)],
        "lists": [[1, 2] if i % 2 else [3] for i in range(n)],
        "none": [None] * n,
        "infinite": [np.inf if i % 2 else -np.inf for i in range(n)],
        "complex": np.arange(n) * 1j,
        "moment": pd.date_range("2024", periods=n, freq="h", tz="UTC"),
        "a b`c": rng.choice(["p", "q"], n),
    }
    usable, left_out = levels_of(pd.DataFrame(columns))
    assert {one.name for one in left_out} == {"one", "id", "none", "infinite", "complex"}
    assert all(one.reason for one in left_out)
    wrong = rng.random(n) < np.where(columns["camera"] == "b", 0.6, 0.15)
    search = find_slices(usable, rng.integers(0, 10, n), wrong, rng.random(n) < 0.5)
    assert [one.text for one in search.failing] == ['camera = "b"']
