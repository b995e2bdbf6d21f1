"""Pixel for pixel what torchvision's transforms do on PIL images."""

import numpy as np
import pytest
from PIL import Image

from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.datasets.resizing import fit
from analysis.models.torchvision_import import import_torchvision

SIZES = [(40, 30), (30, 40), (33, 33), (7, 95), (95, 7), (1, 1), (300, 199)]


def noise(width, height):
    return Image.fromarray(np.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("crop_pct", [1.0, 0.875, 0.9])
def test_shortest_is_resize_and_centre_crop(interpolation, crop_pct):
    import_torchvision()
    from torchvision import transforms

    preprocessing = resolve_preprocessing(
        {"input_size": 32, "crop_pct": crop_pct, "interpolation": interpolation, "resize": "shortest"}, None
    )
    mode = transforms.InterpolationMode(interpolation)
    theirs = transforms.Compose([transforms.Resize(round(32 / crop_pct), mode), transforms.CenterCrop(32)])
    for width, height in SIZES:
        picture = noise(width, height)
        np.testing.assert_array_equal(np.asarray(fit(picture, preprocessing)), np.asarray(theirs(picture)))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_squash_is_resize_to_both_sides(interpolation):
    import_torchvision()
    from torchvision import transforms

    preprocessing = resolve_preprocessing(
        {"input_size": [24, 32], "resize": "squash", "interpolation": interpolation}, None
    )
    theirs = transforms.Resize((24, 32), transforms.InterpolationMode(interpolation))
    for width, height in SIZES:
        picture = noise(width, height)
        np.testing.assert_array_equal(np.asarray(fit(picture, preprocessing)), np.asarray(theirs(picture)))


def test_an_oblong_input_is_covered_and_cropped_in_the_middle():
    preprocessing = resolve_preprocessing({"input_size": [10, 20], "crop_pct": 1.0, "resize": "shortest"}, None)
    picture = Image.new("RGB", (40, 40), "black")
    picture.paste((255, 255, 255), (0, 10, 40, 30))  # the middle half
    assert np.asarray(fit(picture, preprocessing)).min() > 200


def test_letterbox_shows_the_whole_picture_on_the_mean_colour():
    preprocessing = resolve_preprocessing({"input_size": 8, "resize": "letterbox", "interpolation": "nearest"}, None)
    pixels = np.asarray(fit(Image.new("RGB", (16, 8), "white"), preprocessing))
    assert (pixels[2:6] == 255).all()
    mean = np.round(255 * np.array(preprocessing.mean)).astype(np.uint8)
    assert (pixels[:2] == mean).all()
    assert (pixels[6:] == mean).all()
