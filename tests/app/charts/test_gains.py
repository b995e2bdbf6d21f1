"""Gains with their intervals: measured ones filled, ceilings hollow."""

import pytest

from app.charts.gains import gains
from app.findings import parse
from tests.app.checklists import faulty


def test_dots_and_intervals_are_in_points_of_accuracy() -> None:
    figure = gains(parse(faulty()).with_verdict("supported"))
    measured, ceilings = figure.data
    assert measured.x == pytest.approx((20, 42))
    assert measured.error_x.array == pytest.approx((4, 4))
    assert ceilings.name == "at most"
    assert ceilings.marker.symbol == "circle-open"
    assert figure.layout.yaxis.categoryarray[-1] == "Class indices are scrambled"


def test_findings_without_a_gain_are_left_out() -> None:
    assert len(gains(parse(faulty()).with_verdict("refuted")).data) == 0
