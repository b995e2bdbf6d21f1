"""Histograms of several series over common bins."""

import numpy as np
import pytest

from app.charts.distributions import histogram_table


def test_every_finite_value_is_counted_once() -> None:
    values = np.r_[np.random.default_rng(0).normal(size=500), np.nan, np.inf, -np.inf]
    table = histogram_table({"a": values, "b": np.array([0.0, 1.0])})
    assert table.groupby("series")["count"].sum().to_dict() == {"a": 500, "b": 2}
    assert table.groupby("series")["share"].sum().to_list() == pytest.approx([1, 1])


def test_series_share_their_bins() -> None:
    table = histogram_table({"a": np.arange(50.0), "b": np.arange(10.0)})
    a, b = (table[table["series"] == name] for name in "ab")
    assert a["left"].to_list() == b["left"].to_list()
    assert a["left"].to_numpy()[1:] == pytest.approx(a["right"].to_numpy()[:-1])


def test_outermost_bins_are_empty_so_that_steps_end_at_zero() -> None:
    table = histogram_table({"a": np.random.default_rng(1).normal(size=400)})
    assert table["count"].iloc[0] == 0
    assert table["count"].iloc[-1] == 0


@pytest.mark.parametrize("values", [np.zeros(0), np.full(7, 3.25), np.array([np.nan])])
def test_degenerate_series(values: np.ndarray) -> None:
    table = histogram_table({"a": values})
    assert table["count"].sum() == np.isfinite(values).sum()
    assert (table["right"] > table["left"]).all()


def test_a_constant_lies_in_the_middle_of_its_bin() -> None:
    table = histogram_table({"a": np.full(4, 3.0)})
    full = table[table["count"] > 0].iloc[0]
    assert full["left"] < 3.0 < full["right"]


def test_limits_hold_whatever_the_values_are() -> None:
    table = histogram_table({"all": np.zeros(68)}, bins=25, limits=(0, 100))

    assert table["left"].min() < 0 <= table["right"].min() + 10
    assert table["right"].max() > 100
    assert table["share"].sum() == 1
