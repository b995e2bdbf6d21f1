"""What a person wrote over what the architecture was made for over the usual."""

import pytest

from analysis.datasets.preprocessing import FALLBACK, resolve_preprocessing

PRETRAINED = {
    "input_size": (112, 112),
    "resize": "squash",
    "mean": (0.5, 0.4, 0.3),
    "std": (0.1, 0.2, 0.3),
    "channels": "rgb",
}


def test_every_value_says_where_it_comes_from():
    found = resolve_preprocessing({"input_size": 64, "exif": None}, PRETRAINED)
    assert (found.input_size, found.resize, found.mean) == ((64, 64), "squash", (0.5, 0.4, 0.3))
    assert found.provenance["input_size"] == "investigation"
    assert found.provenance["resize"] == "architecture"
    assert found.provenance["exif"] == found.provenance["crop_pct"] == "fallback"
    assert found.provenance.keys() == FALLBACK.keys()


def test_gray_statistics_come_from_colour_ones_by_luma():
    found = resolve_preprocessing({"channels": "gray"}, PRETRAINED)
    assert found.mean == pytest.approx((0.299 * 0.5 + 0.587 * 0.4 + 0.114 * 0.3,))
    assert found.channel_count == 1


def test_statistics_follow_the_channels_to_bgr_unless_a_person_wrote_them():
    assert resolve_preprocessing({"channels": "bgr"}, PRETRAINED).mean == (0.3, 0.4, 0.5)
    assert resolve_preprocessing({"channels": "bgr", "mean": [0.1, 0.2, 0.3]}, PRETRAINED).mean == (0.1, 0.2, 0.3)
    assert resolve_preprocessing({}, {**PRETRAINED, "channels": "bgr"}).mean == (0.5, 0.4, 0.3)


def test_the_digest_depends_on_values_and_not_on_where_they_come_from():
    written = resolve_preprocessing({"resize": "squash"}, None)
    assert written.digest() == resolve_preprocessing({}, {"resize": "squash"}).digest()
    assert written.digest() != resolve_preprocessing({}, None).digest()


def test_plain_values_are_ready_for_json():
    values = resolve_preprocessing({}, PRETRAINED).as_dict()
    assert values["provenance"]["mean"] == "architecture"
    assert values["input_size"] == (112, 112)


def test_only_what_nobody_said_and_what_matters_is_called_assumed():
    said = {"mean": [0.5], "std": [0.5], "resize": "squash"}

    assert resolve_preprocessing(said, None).assumed() == ()
    assert resolve_preprocessing({"resize": "none", "mean": [0.5], "std": [0.5]}, None).assumed() == ()
    (sentence,) = resolve_preprocessing({"std": [0.5]}, {"resize": "squash"}).assumed()
    assert "mean = (0.485, 0.456, 0.406)" in sentence
    assert "std" not in sentence
