"""Outlines drawn on the map: their link, and what lies inside."""

from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.expressions.error import ExpressionError
from app.queries import filters, outlines, runs
from app.queries.outlines import Outline
from app.queries.runs import RunKey

coordinate = st.floats(-50, 50, allow_nan=False, width=32)
corner = st.tuples(coordinate, coordinate)


def _inside_one(x: float, y: float, polygon: list[tuple[float, float]]) -> bool:
    """Even-odd rule for one point, as written in textbooks."""
    odd = False
    for i, (x1, y1) in enumerate(polygon):
        x0, y0 = polygon[i - 1]
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            odd = not odd
    return odd


@given(st.lists(corner, min_size=3, max_size=12), st.lists(corner, min_size=1, max_size=30))
def test_membership_agrees_with_a_second_implementation(polygon: list, xy: list) -> None:
    # Corners lie on whole numbers and points beside them, so that rounding cannot decide.
    outline = [(round(x), round(y)) for x, y in polygon]
    places = np.array([(round(x) + 0.377, round(y) + 0.611) for x, y in xy], dtype=np.float64)
    expected = [_inside_one(x, y, outline) for x, y in places]
    assert outlines.inside(places, outline).tolist() == expected


def test_a_square_holds_what_lies_in_it() -> None:
    xy = np.array([[0.5, 0.5], [1.5, 0.5], [np.nan, 0.5], [-0.1, 0.2]])
    assert outlines.inside(xy, [(0, 0), (1, 0), (1, 1), (0, 1)]).tolist() == [True, False, False, False]


drawn = st.lists(st.tuples(st.lists(corner, min_size=3, max_size=40), st.booleans()), min_size=1, max_size=4)


@given(drawn)
def test_outlines_survive_the_link(steps: list) -> None:
    area = tuple(Outline(tuple(corners), keep) for corners, keep in steps)
    text = outlines.area_text(area)
    back = outlines.area_of(text)
    assert back is not None
    assert [outline.keep for outline in back] == [keep for _, keep in steps]
    for outline, (corners, _) in zip(back, steps, strict=True):
        assert np.allclose(outline.corners, corners, rtol=1e-6, atol=1e-30)
    assert outlines.area_text(back) == text
    assert quote(text, safe="") == text  # as short in the address as here


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "1_2",
        "1_2_3",
        "a_b_c_d_e_f",
        "1_2_3_4_5_nan",
        "_".join(["1"] * 4002),
        "1_1_2_2_3_1~",
        "~".join(["1_1_2_2_3_1"] * 13),
    ],
)
def test_what_is_no_outline(text: str | None) -> None:
    assert outlines.area_of(text) is None


def test_samples_inside_are_ordered_by_loss(full: RunKey) -> None:
    ids = outlines.samples_inside(full, "-99_-99_99_-99_99_99_-99_99")
    assert len(ids) == runs.size(full)
    assert (np.diff(runs.column(full, "loss")[ids]) <= 0).all()
    assert outlines.samples_inside(full, "nonsense").size == 0


def test_outlines_add_and_take_away_in_their_order(full: RunKey) -> None:
    everything, left = "-99_-99_99_-99_99_99_-99_99", "-99_-99_0_-99_0_99_-99_99"
    inside_left = set(outlines.samples_inside(full, left))
    without = set(outlines.samples_inside(full, f"{everything}~x{left}"))
    assert inside_left
    assert without == set(range(runs.size(full))) - inside_left
    assert set(outlines.samples_inside(full, f"{everything}~x{left}~{left}")) == set(range(runs.size(full)))


def test_a_filter_and_outlines_hold_together_also_as_an_expression(full: RunKey) -> None:
    left, where = "-99_-99_0_-99_0_99_-99_99", 'camera = "phone" or not correct'
    ids = set(outlines.samples_inside(full, left, where))
    assert ids == set(filters.passing(full, where)) & set(outlines.samples_inside(full, left))
    assert set(filters.passing(full, outlines.expression(left, where))) == ids
    assert set(filters.passing(full, outlines.expression(left))) == set(outlines.samples_inside(full, left))
    assert set(outlines.samples_inside(full, left, "loss >")) == set(outlines.samples_inside(full, left))


def test_an_expression_with_what_is_no_outline_says_so(full: RunKey) -> None:
    with pytest.raises(ExpressionError, match="no outline"):
        filters.passing(full, 'inside("1_2_three")')


def test_without_a_projection_nothing_is_inside(bare: RunKey) -> None:
    assert outlines.samples_inside(bare, "0_0_1_0_1_1").size == 0
