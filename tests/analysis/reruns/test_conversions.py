"""Other conversions to 8-bit colour give what other loaders give, and refuse with one line."""

import numpy as np
import pytest
from PIL import Image

from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.errors import ImageError
from analysis.reruns.conversions import pixels_of

COLOUR = resolve_preprocessing({"input_size": 4, "resize": "none"}, None)
GRAY = resolve_preprocessing({"input_size": 4, "resize": "none", "channels": "gray"}, None)


def saved(tmp_path, picture, name="a.png"):
    picture.save(tmp_path / name)
    return str(tmp_path / name)


def test_transparent_pixels_show_what_lies_below(tmp_path):
    path = saved(tmp_path, Image.new("RGBA", (4, 4), (200, 0, 0, 0)))
    assert (pixels_of(path, COLOUR, "alpha on white") == 255).all()
    assert (pixels_of(path, COLOUR, "alpha on black") == 0).all()
    assert pixels_of(path, COLOUR, "usual")[0, 0].tolist() == [200, 0, 0]


def test_deep_pictures_are_cut_off_or_stretched(tmp_path):
    values = np.linspace(100, 1000, 16).reshape(4, 4).astype(np.uint16)
    path = saved(tmp_path, Image.fromarray(values))
    assert np.array_equal(pixels_of(path, GRAY, "deep clipped")[..., 0], np.minimum(values, 255))
    stretched = pixels_of(path, GRAY, "deep stretched")
    assert (stretched.min(), stretched.max()) == (0, 255)


def test_inks_and_tones_are_inverted(tmp_path):
    inks = saved(tmp_path, Image.new("CMYK", (4, 4), (255, 255, 255, 255)), "a.tif")
    assert (pixels_of(inks, COLOUR, "inks inverted") == 255).all()
    assert (pixels_of(inks, COLOUR, "usual") == 0).all()
    gray = saved(tmp_path, Image.new("L", (4, 4), 30))
    assert (pixels_of(gray, GRAY, "inverted") == 225).all()
    red = saved(tmp_path, Image.new("RGB", (4, 4), (255, 0, 0)), "red.png")
    assert (pixels_of(red, COLOUR, "gray") == 76).all()


def test_a_file_that_is_no_picture_is_one_line(tmp_path):
    (tmp_path / "a.png").write_text("nothing")
    with pytest.raises(ImageError, match=r"a\.png: gray is not possible"):
        pixels_of(str(tmp_path / "a.png"), COLOUR, "gray")
