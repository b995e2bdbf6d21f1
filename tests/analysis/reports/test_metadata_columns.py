"""Columns of every kind become levels or are left out with the reason."""

import numpy as np
import pandas as pd
import pytest

from analysis.reports.metadata_columns import Levels, Skipped, column_levels, levels_of


def _levels(values, name="camera"):
    made = column_levels(name, pd.Series(values))
    assert isinstance(made, Levels)
    return made


def test_categories_stand_as_they_are_and_rare_ones_are_in_no_level():
    made = _levels(["a"] * 50 + ["b"] * 40 + ["c"] * 3)
    assert made.levels == 2
    assert [made.text(i, i) for i in range(2)] == ['camera = "a"', 'camera = "b"']
    assert (made.code[-3:] == -1).all()


def test_numbers_are_cut_at_quantiles_and_ranges_are_expressions():
    values = np.random.default_rng(0).permutation(2000)
    made = _levels(values, "iso")
    assert made.levels == 20
    assert np.bincount(made.code).min() > 60
    low, high = 4, 7
    text = made.text(low, high)
    assert pd.DataFrame({"iso": values}).eval(text).to_numpy() == pytest.approx(made.inside(low, high))
    assert made.text(0, 3).startswith("iso < ")
    assert made.text(17, 19).startswith("iso >= ")


def test_few_distinct_numbers_stay_as_they_are():
    made = _levels([1, 2, 3] * 40, "season")
    assert [made.text(i, i) for i in range(3)] == ["season = 1", "season = 2", "season = 3"]
    assert made.text(0, 1) == "season <= 2"


def test_missing_values_are_a_level_of_their_own():
    made = _levels([1.5, None] * 100, "shutter")
    assert made.text(made.missing, made.missing) == "shutter is missing"
    assert (made.code[1::2] == made.missing).all()


def test_mixed_types_dates_and_booleans():
    mixed = _levels(["a", 1, None, True] * 50)
    assert [mixed.text(i, i) for i in range(4)] == [
        'camera = "a"',
        'camera = "1"',
        'camera = "true"',
        "camera is missing",
    ]
    days = _levels(pd.date_range("2026-01-01", periods=400), "taken")
    assert days.text(5, 19).startswith('taken >= "2026-')
    assert _levels(np.arange(100) % 2 == 0).text(0, 0) == 'camera = "true"'


def test_names_and_values_are_quoted():
    made = _levels(['say "no"'] * 40 + ["x"] * 40, "my `odd` column")
    assert made.text(0, 0) == '`my ``odd`` column` = "say \\"no\\""'


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["x"] * 100, "all its values are the same"),
        ([f"IMG {i}" for i in range(100)], "every value is different"),
        ([None] * 100, "it has no values"),
        ([np.nan] * 100, "it has no values"),
        ([np.inf] * 100, "it has no values"),
        ([f"{i // 2}" for i in range(200)], "no value of it has 32 samples"),
        ([], "it has no values"),
    ],
)
def test_columns_that_make_no_groups_say_why(values, reason):
    assert column_levels("c", pd.Series(values)) == Skipped(name="c", reason=reason)


def test_all_columns_of_a_table():
    frame = pd.DataFrame({"a": ["x", "y"] * 50, "b": ["z"] * 100})
    found, skipped = levels_of(frame)
    assert [one.name for one in found] == ["a"]
    assert [one.name for one in skipped] == ["b"]
