"""Lifts by hand, silence on random columns, and values as expressions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.metadata_columns import levels_of
from analysis.reports.over_represented import Column, class_column, fact_words, lift_interval, over_represented
from analysis.runs.layout import CLUSTER_FACT_COLUMNS

NAMES = ("cat", "dog", "owl")


def _columns(frame: pd.DataFrame) -> list[Column]:
    return [Column(kind="metadata", levels=levels) for levels in levels_of(frame, least=5)[0]]


def test_share_lift_and_words_by_hand() -> None:
    group = np.repeat([0, -1], [20, 80])
    camera = ["b"] * 16 + ["a"] * 68 + ["b"] * 16  # 16 of 20 inside, 32 of 100 in all
    iso = np.where(np.arange(100) < 20, 3200, np.arange(100))
    table = over_represented(group, _columns(pd.DataFrame({"camera": camera, "iso": iso})))
    assert tuple(table.columns) == CLUSTER_FACT_COLUMNS
    facts = table.set_index("column")
    row = facts.loc["camera"]
    assert (row["text"], row["value"], row["count"]) == ('camera = "b"', "b", 16)
    assert (row["share"], row["overall"], row["lift"]) == (0.8, 0.32, pytest.approx(2.5))
    assert row["lift_low"] < 2.5 < row["lift_high"]
    assert facts.loc["iso", "text"].startswith("iso >= ")
    assert [fact_words(row) for row in table.itertuples()][1] == "camera = b"
    assert fact_words(next(table.itertuples())).startswith("iso at least ")


def test_random_columns_stay_silent() -> None:
    rng = np.random.default_rng(0)
    told = 0
    for _ in range(20):
        group = rng.integers(-1, 10, size=600)
        frame = pd.DataFrame({f"c{i}": rng.choice(list("abcdef"), 600) for i in range(10)})
        frame["n"] = rng.normal(size=600)
        told += len(over_represented(group, _columns(frame))) > 0
    assert told <= 3


def test_labels_are_classes_and_none_is_no_value() -> None:
    group = np.repeat([0, 1, -1], [20, 20, 160])
    label = np.concatenate([np.zeros(20, int), np.ones(20, int), np.full(160, 2)])
    prediction = np.where(np.arange(200) < 40, -1, label)
    columns = [class_column("label", label, NAMES), class_column("prediction", prediction, NAMES)]
    table = over_represented(group, columns)
    assert table[["cluster", "kind", "text"]].to_numpy().tolist() == [
        [0, "label", 'label = "cat"'],
        [1, "label", 'label = "dog"'],
    ]


@given(st.data())
def test_the_interval_holds_the_lift(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 10_000))
    size = data.draw(st.integers(1, n))
    count = data.draw(st.integers(0, size))
    overall = data.draw(st.integers(max(1, count), count + n - size + (count == 0 and n == size)))
    lift, low, high = lift_interval(count, size, overall, n)
    assert 0 <= low <= lift <= high


def test_no_groups_no_rows() -> None:
    label = np.zeros(5, dtype=int)
    table = over_represented(np.full(5, -1), [class_column("label", label, NAMES)])
    assert len(table) == 0
    assert table["lift"].dtype == np.float64
