"""Pictures of every kind, good and broken, decoded without a word on the console."""

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from analysis.datasets.images import content_hash, decode
from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.errors import ImageError

COLOUR = resolve_preprocessing({"input_size": 4, "resize": "squash", "interpolation": "nearest"}, None)
GRAY = resolve_preprocessing(
    {"input_size": 4, "resize": "squash", "channels": "gray", "interpolation": "nearest"}, None
)


def encoded(picture, kind="PNG", **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def noise(height=4, width=4, channels=3, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8).squeeze()


def test_pixels_size_mode_and_hash_of_a_plain_picture():
    pixels = noise(4, 4)
    data = encoded(Image.fromarray(pixels))
    image = decode(data, COLOUR)
    assert (image.pixels == pixels).all()
    assert (image.width, image.height, image.mode) == (4, 4, "RGB")
    assert image.content_hash == content_hash(data) != content_hash(data + b" ")
    assert -(2**63) <= image.content_hash < 2**63


def test_bgr_turns_the_channels_round_and_gray_has_one():
    pixels = noise(4, 4)
    data = encoded(Image.fromarray(pixels))
    bgr = resolve_preprocessing({"input_size": 4, "channels": "bgr", "resize": "none"}, None)
    assert (decode(data, bgr).pixels == pixels[:, :, ::-1]).all()
    assert decode(data, GRAY).pixels.shape == (4, 4, 1)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I", "F", "I;16"]
)
@pytest.mark.parametrize("preprocessing", [COLOUR, GRAY])
def test_every_mode_becomes_eight_bit(mode, preprocessing):
    formats = {
        "RGBX": "TIFF",
        "CMYK": "TIFF",
        "YCbCr": "TIFF",
        "LAB": "TIFF",
        "F": "TIFF",
        "I": "TIFF",
        "PA": "PNG",
        "HSV": "PNG",
    }
    source = Image.new(mode, (4, 4)) if mode in ("I;16", "PA", "HSV") else Image.fromarray(noise()).convert(mode)
    if mode in ("PA", "HSV"):
        source = source.convert("RGBA" if mode == "PA" else "RGB")
    image = decode(encoded(source, formats.get(mode, "PNG")), preprocessing)
    assert image.pixels.dtype == np.uint8
    assert image.pixels.shape == (4, 4, preprocessing.channel_count)


def test_sixteen_bit_gray_is_scaled_and_not_clipped():
    values = np.array([[0, 257, 32896, 65535]] * 4, dtype=np.uint16)
    image = decode(encoded(Image.fromarray(values)), GRAY)
    assert image.mode == "I;16"
    assert image.pixels[0, :, 0].tolist() == [0, 1, 128, 255]
    assert decode(encoded(Image.fromarray(values)), COLOUR).pixels[0, 3].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0, 0.25], [0, 128, 255, 64]),
        ([0.0, 100.0, 255.0, 20.4], [0, 100, 255, 20]),
        ([-1.0, 0.0, 1.0, float("nan")], [0, 128, 255, 128]),
    ],
)
def test_float_pictures_are_scaled_to_the_smallest_usual_range_that_holds_them(values, expected):
    picture = Image.fromarray(np.array([values] * 4, dtype=np.float32))
    assert decode(encoded(picture, "TIFF"), GRAY).pixels[0, :, 0].tolist() == expected


def test_alpha_is_dropped_and_transparent_palettes_keep_their_colours():
    rgba = np.dstack([noise(), np.zeros((4, 4), dtype=np.uint8)])
    assert (decode(encoded(Image.fromarray(rgba)), COLOUR).pixels == rgba[:, :, :3]).all()
    palette = Image.fromarray(noise()).quantize(7)
    plain = decode(encoded(palette), COLOUR).pixels
    assert (decode(encoded(palette, transparency=bytes(range(7))), COLOUR).pixels == plain).all()
    assert (decode(encoded(palette, transparency=0), COLOUR).pixels == plain).all()


def test_of_an_animation_the_first_frame_is_taken():
    frames = [Image.fromarray(np.full((4, 4), value, dtype=np.uint8)) for value in (10, 200)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert set(decode(data, GRAY).pixels.ravel().tolist()) == {10}


def test_one_pixel_is_a_picture():
    for resize in ("shortest", "squash", "letterbox"):
        preprocessing = resolve_preprocessing({"input_size": 8, "resize": resize}, None)
        assert decode(encoded(Image.new("RGB", (1, 1), "red")), preprocessing).pixels.shape == (8, 8, 3)


def test_exif_orientation_is_applied_only_when_asked_for():
    picture = Image.new("L", (4, 2))
    picture.paste(255, (0, 0, 2, 2))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise
    data = encoded(picture, "PNG", exif=exif)
    lying = resolve_preprocessing({"input_size": [2, 4], "resize": "none", "channels": "gray"}, None)
    upright = resolve_preprocessing({"input_size": [4, 2], "resize": "none", "channels": "gray", "exif": True}, None)
    assert decode(data, lying).pixels[:, 0, 0].tolist() == [255, 255]
    turned = decode(data, upright)
    assert turned.pixels[:, 0, 0].tolist() == [255, 255, 0, 0]
    assert (turned.width, turned.height) == (4, 2)


def png_claiming(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 10))


def test_unusable_files_are_image_errors_of_one_line(tmp_path):
    good = encoded(Image.fromarray(noise(64, 64)))
    jpeg = encoded(Image.fromarray(noise(64, 64)), "JPEG")
    cases = {
        "the file is empty (0 bytes)": b"",
        "not a picture in a format that can be read": b"<html>404</html>",
        "the picture is damaged": good[: len(good) // 2],
        "the picture is damaged: image file is truncated": jpeg[: len(jpeg) // 2],
        "a decompression bomb: Image size (180000000 pixels) exceeds limit": png_claiming(15_000, 12_000),
    }
    for reason, data in cases.items():
        path = tmp_path / "x.png"
        path.write_bytes(data)
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            with pytest.raises(ImageError) as caught:
                decode(path, COLOUR)
        assert reason in str(caught.value)
        assert "\n" not in str(caught.value)
        assert not heard


def test_a_missing_file_and_a_folder_are_image_errors(tmp_path):
    with pytest.raises(ImageError, match="does not exist"):
        decode(tmp_path / "none.png", COLOUR)
    with pytest.raises(ImageError, match="a folder, not a file"):
        decode(tmp_path, COLOUR)


def test_a_picture_of_another_size_is_unusable_where_nothing_may_be_resized():
    fixed = resolve_preprocessing({"input_size": [4, 5], "resize": "none"}, None)
    with pytest.raises(ImageError, match="the picture is 4×4, the input 5×4"):
        decode(encoded(Image.fromarray(noise())), fixed)


def test_random_damage_is_an_image_error_or_a_picture():
    rng = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"):
        data = np.frombuffer(encoded(Image.fromarray(noise(16, 16)), kind), dtype=np.uint8)
        for _ in range(30):
            broken = data.copy()
            broken[rng.integers(0, len(data), 4)] = rng.integers(0, 256, 4)
            try:
                assert decode(broken.tobytes(), COLOUR).pixels.shape == (4, 4, 3)
            except ImageError:
                continue
