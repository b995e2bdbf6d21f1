"""Brightness, contrast, sharpness and flat areas, against numpy and scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import convolve2d

from analysis.inference.pixel_facts import pixel_facts
from analysis.runs.layout import PIXEL_COLUMNS

LAPLACE = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])


@given(
    st.integers(0, 40), st.integers(3, 40), st.integers(3, 40), st.sampled_from([1, 3]), st.sampled_from([2, 30, 256])
)
@settings(max_examples=40, deadline=None)
def test_every_picture_is_described_as_numpy_and_scipy_do(n, height, width, channels, levels):
    rng = np.random.default_rng([n, height, width, channels])
    pixels = rng.integers(0, levels, (n, height, width, channels)).astype(np.uint8)
    found = pixel_facts(pixels)
    assert tuple(found) == PIXEL_COLUMNS
    assert all(values.shape == (n,) and values.dtype == np.float32 for values in found.values())
    for row, picture in enumerate(pixels):
        edges = convolve2d(picture[..., channels // 2].astype(int), LAPLACE, mode="valid")
        assert found["pixel_mean"][row] == pytest.approx(picture.mean(), rel=1e-5)
        assert found["pixel_std"][row] == pytest.approx(picture.std(), rel=1e-4, abs=1e-4)
        assert found["pixel_sharpness"][row] == pytest.approx(np.abs(edges).mean(), rel=1e-5)
        assert found["pixel_flat"][row] == pytest.approx((edges == 0).mean(), abs=1e-6)


def test_a_picture_of_one_colour_is_flat_and_a_line_has_no_edges_to_speak_of():
    plain = pixel_facts(np.full((1, 8, 8, 3), 7, dtype=np.uint8))
    assert {name: float(values[0]) for name, values in plain.items()} == {
        "pixel_mean": 7, "pixel_std": 0, "pixel_sharpness": 0, "pixel_flat": 1,
    }  # fmt: skip
    line = pixel_facts(np.zeros((2, 1, 8, 3), dtype=np.uint8))
    assert np.isnan(line["pixel_sharpness"]).all()
    assert np.isnan(line["pixel_flat"]).all()
