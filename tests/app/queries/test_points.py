"""The map's points: outlines, membership, colours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.queries import points, runs
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
    assert points.inside(places, outline).tolist() == expected


def test_a_square_holds_what_lies_in_it() -> None:
    xy = np.array([[0.5, 0.5], [1.5, 0.5], [np.nan, 0.5], [-0.1, 0.2]])
    assert points.inside(xy, [(0, 0), (1, 0), (1, 1), (0, 1)]).tolist() == [True, False, False, False]


@given(st.lists(corner, min_size=3, max_size=48))
def test_an_outline_survives_the_link(polygon: list) -> None:
    text = points.area_text(tuple(polygon))
    back = points.area_of(text)
    assert back is not None
    assert np.allclose(back, polygon, rtol=1e-3, atol=1e-30)
    assert points.area_text(back) == text
    assert len(text) < 1100


@pytest.mark.parametrize("text", [None, "", "1_2", "1_2_3", "a_b_c_d_e_f", "1_2_3_4_5_nan", "_".join(["1"] * 402)])
def test_what_is_no_outline(text: str | None) -> None:
    assert points.area_of(text) is None


def test_samples_inside_are_ordered_by_loss(full: RunKey) -> None:
    ids = points.samples_inside(full, "-99_-99_99_-99_99_99_-99_99")
    assert len(ids) == runs.size(full)
    assert (np.diff(runs.column(full, "loss")[ids]) <= 0).all()
    assert points.samples_inside(full, "nonsense").size == 0


@pytest.mark.parametrize("by", points.COLOURINGS)
def test_every_code_has_a_category_with_its_count(full: RunKey, by: str) -> None:
    colouring = points.colouring(full, by)
    counts = {category.code: category.count for category in colouring.categories}
    codes, found = np.unique(colouring.codes, return_counts=True)
    assert {int(code): int(number) for code, number in zip(codes, found, strict=True)}.items() <= counts.items()
    assert sum(counts.values()) == runs.size(full)
    assert max(counts) < 64


def test_without_a_projection_there_are_no_places(bare: RunKey) -> None:
    assert points.places(bare) is None
    assert points.samples_inside(bare, "0_0_1_0_1_1").size == 0
