"""Small pictures for the views."""

import io

import numpy as np
from PIL import Image

from analysis.datasets.images import decode
from analysis.datasets.preprocessing import resolve_preprocessing

PREPROCESSING = resolve_preprocessing({"input_size": 8}, None)


def encoded(picture, kind="PNG", **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def noise(height, width):
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_a_small_file_stays_as_it_is():
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        data = encoded(noise(20, 20), kind)
        assert decode(data, PREPROCESSING).thumbnail == data


def test_a_large_picture_becomes_a_jpeg_of_at_most_128_pixels_a_side():
    thumbnail = Image.open(io.BytesIO(decode(encoded(noise(200, 400)), PREPROCESSING).thumbnail))
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (128, 64))


def test_what_browsers_cannot_show_is_converted():
    for picture, kind in ((noise(20, 20), "BMP"), (noise(20, 20), "TIFF"), (noise(20, 20).convert("CMYK"), "JPEG")):
        thumbnail = Image.open(io.BytesIO(decode(encoded(picture, kind), PREPROCESSING).thumbnail))
        assert (thumbnail.format, thumbnail.size, thumbnail.mode) == ("PNG", (20, 20), "RGB")


def test_a_giant_in_a_small_file_is_not_handed_to_browsers():
    data = encoded(Image.new("L", (5000, 5000)))
    assert len(data) > 8192 or len(decode(data, PREPROCESSING).thumbnail) < len(data)
    assert Image.open(io.BytesIO(decode(data, PREPROCESSING).thumbnail)).size == (128, 128)


def test_a_very_long_picture_keeps_one_pixel():
    assert Image.open(io.BytesIO(decode(encoded(Image.new("L", (3000, 1))), PREPROCESSING).thumbnail)).size == (128, 1)


def test_an_orientation_that_is_ignored_is_not_left_to_the_browser():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(noise(10, 20), "JPEG", exif=exif)
    thumbnail = Image.open(io.BytesIO(decode(data, PREPROCESSING).thumbnail))
    assert thumbnail.size == (20, 10)
    assert "exif" not in thumbnail.info


def test_no_thumbnail_when_none_is_wanted():
    assert decode(encoded(noise(20, 20)), PREPROCESSING, thumbnail=False).thumbnail == b""
