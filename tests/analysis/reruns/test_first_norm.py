"""The first BatchNorm's distance: smallest under the preprocessing it was trained with, whatever layer form it has."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.reruns.first_norm import first_norm
from analysis.reruns.variant import Variant
from tests.devices import DEVICE

RIGHT = {"input_size": 8, "mean": [0.5] * 3, "std": [0.25] * 3}


@pytest.fixture
def asker():
    """A network whose statistics were gathered on these very pictures, rightly normalised."""
    torch.manual_seed(0)
    pixels = np.random.default_rng(0).integers(0, 256, size=(48, 8, 8, 3), dtype=np.uint8)
    pixels[..., 0] //= 2
    module = nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6, momentum=None), nn.ReLU(), nn.Flatten())
    module(torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(255).sub(0.5).div(0.25))
    model = SimpleNamespace(module=module.eval(), batch_size=None)
    subject = SimpleNamespace(model=model, device=torch.device(DEVICE))

    def of(variant, rows):
        chosen = pixels[rows]
        return np.ascontiguousarray(chosen[..., ::-1]) if variant.preprocessing.channels == "bgr" else chosen

    return SimpleNamespace(subject=subject, pixels=of, close=lambda: None)


def distance(asker, **changed):
    preprocessing = resolve_preprocessing(RIGHT | changed, None)
    variant = Variant(id="x", axis="channels", base="", label="x", preprocessing=preprocessing)
    return first_norm(asker, variant, np.arange(48))


def test_zero_where_it_is_as_in_training_and_larger_elsewhere(asker):
    right = distance(asker)
    assert right.mean == pytest.approx(0, abs=1e-6)
    assert right.log_variance == pytest.approx(0, abs=0.01)
    for wrong in (
        {"channels": "bgr"},
        {"mean": [0.0] * 3},
        {"std": [1.0] * 3},
        {"mean": [0.0] * 3, "std": [1 / 255] * 3},
    ):
        found = distance(asker, **wrong)
        assert found.mean + found.log_variance > 0.01


def test_none_without_batch_norm(asker):
    asker.subject.model.module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.Flatten())
    assert distance(asker) is None
