"""Variants of the preprocessing: distinct, named for files, and such that undoing a known fault is among them."""

import dataclasses
import re
from types import SimpleNamespace

import numpy as np
import pytest

from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.reruns.variant import Variant
from analysis.reruns.variants_channels import channel_orders
from analysis.reruns.variants_files import decodings, exif
from analysis.reruns.variants_geometry import LARGER_IS_WORTH, around, geometries
from analysis.reruns.variants_normalization import normalizations


def subject(known=None, **given):
    """What the variants look at, without pictures."""
    preprocessing = resolve_preprocessing({"input_size": 64, "mean": [0.5] * 3, "std": [0.5] * 3} | given, None)
    return SimpleNamespace(
        preprocessing=preprocessing, model=SimpleNamespace(preprocessing=known or {}), seed=0,
        label=np.zeros(0, dtype=np.int64), mode=np.array(["RGB"] * 30 + ["RGBA"] * 25 + ["CMYK"] * 5),
        orientation=np.array([1] * 35 + [6] * 25), stored_size=None,
    )  # fmt: skip


def as_it_was(one):
    return Variant(id="", axis="", base="", label="as it was", preprocessing=one.preprocessing)


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    monkeypatch.setattr("analysis.reruns.variants_normalization._of_the_data", lambda subject, now: None)


@pytest.mark.parametrize("propose", [normalizations, channel_orders, geometries])
@pytest.mark.parametrize("given", [{}, {"channels": "bgr"}, {"resize": "none"}, {"interpolation": "nearest"}])
def test_variants_differ_from_each_other_and_from_the_base(propose, given):
    one = subject(**given)
    found = propose(one, as_it_was(one))
    keys = {(v.preprocessing.digest(), v.conversion) for v in found}
    assert len(keys) == len(found) == len({v.id for v in found})
    assert (one.preprocessing.digest(), "usual") not in keys
    assert all(re.fullmatch(r"[a-z0-9.-]+", v.id) for v in found)
    assert len({v.digest("x") for v in found}) == len(found)


def test_normalised_twice_is_undone():
    mean, std = 0.2, 0.3
    one = subject(mean=[mean + mean * std] * 3, std=[std * std] * 3)
    undone = next(v for v in normalizations(one, as_it_was(one)) if "once" in v.label).preprocessing
    assert undone.mean == pytest.approx([mean] * 3, abs=1e-5)
    assert undone.std == pytest.approx([std] * 3, abs=1e-5)


def test_what_the_architecture_was_pretrained_with_comes_first():
    known = {"mean": (0.1, 0.2, 0.3), "std": (0.4, 0.5, 0.6)}
    one = subject(known)
    assert normalizations(one, as_it_was(one))[0].preprocessing.mean == known["mean"]


def test_gray_networks_have_no_channel_order_but_a_polarity():
    one = subject(channels="gray", mean=[0.5], std=[0.5])
    assert channel_orders(one, as_it_was(one)) == []
    assert "inverted" in {v.conversion for v in normalizations(one, as_it_was(one))}


def test_other_orders_turn_mean_and_std_or_keep_them():
    one = subject(channels="bgr", mean=[0.3, 0.2, 0.1], std=[0.5] * 3)
    found = [v.preprocessing for v in channel_orders(one, as_it_was(one)) if v.conversion == "usual"]
    assert [(p.channels, p.mean) for p in found] == [("rgb", (0.3, 0.2, 0.1)), ("rgb", (0.1, 0.2, 0.3))]


def test_larger_inputs_have_to_gain_more_and_cost_more():
    one = subject()
    found = {v.preprocessing.input_size: v for v in geometries(one, as_it_was(one))}
    assert (found[128, 128].worth, found[128, 128].cost) == (LARGER_IS_WORTH, 4.0)
    assert (found[32, 32].worth, found[32, 32].cost) == (0.02, 0.25)


def test_sizes_are_not_tried_with_nearest_interpolation():
    one = subject(interpolation="nearest")
    found = geometries(one, as_it_was(one))
    assert {v.preprocessing.interpolation for v in found} == {"bilinear", "bicubic"}
    assert all("interpolation" in v.settings for v in found)


def test_what_lies_around_is_seen_from_the_base():
    one = subject()
    base = as_it_was(one)
    best = next(v for v in geometries(one, base) if v.preprocessing.input_size == (128, 128))
    for variant in around(one, base, best):
        assert variant.base == ""
        again = dataclasses.replace(one.preprocessing, **variant.settings)
        assert again.digest() == variant.preprocessing.digest()


def test_tags_and_pixel_formats_concern_some_files_only():
    one = subject()
    base = as_it_was(one)
    assert exif(one, base)[0].rows.tolist() == list(range(35, 60))
    found = decodings(one, base)
    assert {v.conversion for v in found} == {"alpha on white", "alpha on black"}
    assert all(v.rows.tolist() == list(range(30, 55)) for v in found)


def test_the_size_the_pictures_are_stored_at_is_tried_first():
    one = subject()
    one.stored_size = (48, 40)
    first = geometries(one, as_it_was(one))[0]
    assert first.preprocessing.input_size == (48, 40)
