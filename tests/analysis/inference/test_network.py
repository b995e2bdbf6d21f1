"""Every kind of head gives logits in the grouped order, whether it can be taken off or not."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.inference.devices import choose_device
from analysis.inference.network import PICTURES_AT_ONCE, Normalisation, opened
from analysis.models.head import find_head
from analysis.models.torchvision_import import import_torchvision
from analysis.reducers.column_groups import ColumnGroups
from tests.devices import DEVICE

PREPROCESSING = resolve_preprocessing({"input_size": 16}, None)
WHERE = choose_device(DEVICE)
IS_OLD = np.array([False, True, True, False, True])


class Scaled(nn.Module):
    """Something follows the head, so it must not be taken off."""

    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten()), nn.Linear(12, 5)

    def forward(self, pictures):
        return 3.0 * self.head(self.body(pictures))


def linear():
    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 5))


def without_bias():
    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 5, bias=False))


def convolutional():
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 5, 1), nn.Flatten())


def pixels_and_pictures(samples):
    pixels = torch.randint(0, 256, (samples, 16, 16, 3), dtype=torch.uint8)
    return pixels, Normalisation(PREPROCESSING, WHERE)(pixels.to(WHERE)).cpu()


@pytest.mark.parametrize("build", [linear, without_bias, convolutional, Scaled])
@pytest.mark.parametrize("is_old", [IS_OLD, None])
def test_logits_are_the_network_s_own_in_the_grouped_order(build, is_old):
    torch.manual_seed(0)
    module = build().eval()
    head = find_head(module, 5, input_size=(16, 16))
    columns = ColumnGroups.of(is_old, 5, WHERE)
    pixels, pictures = pixels_and_pictures(PICTURES_AT_ONCE + 7)
    with torch.no_grad():
        expected = columns.permute(module(pictures).to(WHERE))
    with opened(module, head, columns=columns, preprocessing=PREPROCESSING, precision="fp32", device=WHERE) as network:
        for count in (PICTURES_AT_ONCE + 7, 3):
            logits, embedding = network(pixels[:count])
            torch.testing.assert_close(logits, expected[:count], rtol=1e-5, atol=1e-5)
            assert embedding.dtype == torch.float16
            assert len(embedding) == count
            with torch.inference_mode():
                logits.zero_()  # reducers overwrite them; the next batch must not suffer


def test_normalisation_is_torchvision_s():
    import_torchvision()
    from torchvision.transforms.functional import normalize, to_tensor

    pixels, pictures = pixels_and_pictures(3)
    for one, ours in zip(pixels, pictures, strict=True):
        theirs = normalize(to_tensor(one.numpy()), PREPROCESSING.mean, PREPROCESSING.std)
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
    assert pictures.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("fixed", [4, None])
def test_a_program_runs_without_embeddings_and_with_the_batch_size_it_takes(fixed):
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 5)
    ).eval()
    pixels, pictures = pixels_and_pictures(3)
    example = torch.zeros(fixed or 2, 3, 16, 16)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch announces the end of TorchScript; the files are still about
        program = torch.export.export(module, (example,)).module() if fixed else torch.jit.trace(module, example)
    columns = ColumnGroups.of(IS_OLD, 5, WHERE)
    with torch.no_grad():
        expected = columns.permute(module(pictures).to(WHERE))
    with opened(
        program, None, columns=columns, preprocessing=PREPROCESSING, precision="fp32", device=WHERE, fixed=fixed
    ) as network:
        logits, embedding = network(pixels)
    torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)
    assert embedding is None


def test_embeddings_beyond_float16_are_its_largest_number():
    module = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 12), nn.Linear(12, 5)).eval()
    with torch.no_grad():
        module[2].weight.zero_()
        module[2].bias.fill_(1e6)
    head = find_head(module, 5, input_size=(16, 16))
    columns = ColumnGroups.of(None, 5, WHERE)
    with opened(module, head, columns=columns, preprocessing=PREPROCESSING, precision="fp32", device=WHERE) as network:
        _, embedding = network(pixels_and_pictures(1)[0])
    assert embedding.unique().tolist() == [65504.0]


def test_bf16_is_computed_and_comes_back_as_float32():
    module = linear().eval()
    head = find_head(module, 5, input_size=(16, 16))
    columns = ColumnGroups.of(None, 5, WHERE)
    with opened(module, head, columns=columns, preprocessing=PREPROCESSING, precision="bf16", device=WHERE) as network:
        logits, _ = network(pixels_and_pictures(2)[0])
    assert logits.dtype == torch.float32


@pytest.mark.parametrize(("precision", "is_coarse"), [("bf16", True), ("bf16 body", False)])
def test_a_half_format_that_was_asked_for_is_the_heads_too(precision, is_coarse):
    module = linear().eval()
    head = find_head(module, 5, input_size=(16, 16))
    columns = ColumnGroups.of(None, 5, WHERE)
    with opened(
        module, head, columns=columns, preprocessing=PREPROCESSING, precision=precision, device=WHERE
    ) as network:
        logits, _ = network(pixels_and_pictures(2)[0])
    assert bool((logits.bfloat16().float() == logits).all()) == is_coarse
