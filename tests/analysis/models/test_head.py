"""The head is found by its structure, and its input is the embedding."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations

from analysis.models.architecture import build_model
from analysis.models.embedding_tap import EmbeddingTap
from analysis.models.head import Head, find_head, head_in_state
from tests.analysis.models.networks import ConvolutionalHead, CosineHead, Pooled, TwoHeads, backbone, plain

PICTURES = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def tap(module: nn.Module, head: Head | None, pictures: torch.Tensor = PICTURES):
    with torch.inference_mode(), EmbeddingTap(module, head) as tapped:
        return tapped(pictures)


def test_a_linear_head_reproduces_the_logits() -> None:
    module = plain()
    head = find_head(module, 5)
    logits, embedding = tap(module, head)
    assert (head.name, head.kind, head.weight.shape, head.bias.shape) == ("fc", "linear", (5, 6), (5,))
    assert head.is_final_linear
    np.testing.assert_allclose(embedding, module.features(PICTURES).detach(), rtol=1e-6)
    np.testing.assert_allclose(embedding.numpy() @ head.weight.T + head.bias, logits, rtol=1e-4, atol=1e-6)


def test_a_head_without_bias() -> None:
    head = find_head(Pooled(nn.Linear(6, 5, bias=False)).eval(), 5)
    assert head.bias is None
    assert head.is_final_linear


def test_a_cosine_head_is_told_with_its_scale() -> None:
    module = Pooled(CosineHead(6, 5)).eval()
    head = find_head(module, 5)
    logits, embedding = tap(module, head)
    assert (head.kind, head.is_final_linear) == ("cosine", False)
    assert head.place.scale == pytest.approx(16.0, rel=1e-4)
    cosine = functional.cosine_similarity(embedding[:, None], torch.tensor(head.weight)[None], dim=2)
    np.testing.assert_allclose(logits, 16 * cosine, rtol=1e-4, atol=1e-5)


def test_a_linear_layer_that_compares_directions_is_a_cosine_head() -> None:
    class CosineLinear(nn.Linear):
        def forward(self, embedding):
            return 8 * functional.linear(functional.normalize(embedding), functional.normalize(self.weight))

    head = find_head(Pooled(CosineLinear(6, 5)).eval(), 5)
    assert head.kind == "cosine"
    assert not head.is_final_linear


def test_the_embedding_of_a_convolutional_head_is_averaged_over_positions() -> None:
    module = ConvolutionalHead(6, 5).eval()
    head = find_head(module, 5)
    logits, embedding = tap(module, head)
    assert (head.kind, head.weight.shape, embedding.shape) == ("conv1x1", (5, 6), (3, 6))
    np.testing.assert_allclose(embedding.numpy() @ head.weight.T + head.bias, logits, rtol=1e-4, atol=1e-5)


def test_layers_with_as_many_outputs_before_the_head_are_not_the_head() -> None:
    head = find_head(TwoHeads(6, 5).eval(), 5)
    assert (head.name, head.weight.shape) == ("head", (5, 5))
    assert head.is_final_linear


@pytest.mark.parametrize("scale", [lambda logits: 2 * logits, lambda logits: logits.mul_(2)], ids=["anew", "in place"])
def test_logits_that_are_scaled_after_the_head_are_not_final(scale) -> None:
    class Scaled(Pooled):
        def forward(self, pictures):
            return scale(super().forward(pictures))

    head = find_head(Scaled(nn.Linear(6, 5)).eval(), 5)
    assert head.name == "fc"
    assert not head.is_final_linear


def test_tokens_are_averaged() -> None:
    class PerToken(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone, self.head = backbone(6), nn.Linear(6, 5)

        def forward(self, pictures):
            return self.head(self.backbone(pictures).flatten(2).transpose(1, 2)).mean(dim=1)

    module = PerToken().eval()
    logits, embedding = tap(module, find_head(module, 5))
    assert embedding.shape == (3, 6)
    np.testing.assert_allclose(logits, module.head(embedding.clone()).detach(), rtol=1e-4, atol=1e-5)


def test_a_weight_normalised_head_gives_the_weight_it_uses() -> None:
    module = Pooled(parametrizations.weight_norm(nn.Linear(6, 5))).eval()
    head = find_head(module, 5)
    logits, embedding = tap(module, head)
    np.testing.assert_allclose(embedding.numpy() @ head.weight.T + head.bias, logits, rtol=1e-4, atol=1e-5)


def test_the_weights_are_a_copy() -> None:
    module = plain()
    head = find_head(module, 5)
    before = head.weight.copy()
    with torch.no_grad():
        module.fc.weight.zero_()
    np.testing.assert_array_equal(head.weight, before)


def test_a_network_without_such_a_layer_has_no_head() -> None:
    module = nn.Sequential(nn.Flatten(), nn.AdaptiveAvgPool1d(5)).eval()
    assert find_head(module, 5) is None
    logits, embedding = tap(module, None)
    assert logits.shape == (3, 5)
    assert embedding is None


def test_weights_that_are_not_finite_do_not_hide_the_head() -> None:
    module = plain()
    with torch.no_grad():
        module.fc.weight[1] = float("nan")
    head = find_head(module, 5)
    assert head.is_final_linear


def test_the_tap_leaves_no_hook_behind() -> None:
    module = plain()
    tap(module, find_head(module, 5))
    assert not module.fc._forward_pre_hooks
    assert not module.fc._forward_hooks


def test_logits_in_a_tuple_or_a_mapping_are_found() -> None:
    class Wrapped(Pooled):
        def __init__(self, wrap):
            super().__init__(nn.Linear(6, 5))
            self.wrap = wrap

        def forward(self, pictures):
            return self.wrap(super().forward(pictures))

    for wrap in (lambda x: (x, None), lambda x: {"loss": x.sum(), "logits": x}, lambda x: x[:, :, None, None]):
        head = find_head(Wrapped(wrap).eval(), 5)
        assert head.name == "fc"


def test_the_head_of_a_hidden_program_is_told_from_its_tensors_only_where_there_is_one() -> None:
    state = plain().state_dict()
    head = head_in_state(state, 5)
    assert (head.name, head.weight.shape, head.can_tap, head.is_final_linear) == ("fc", (5, 6), False, False)
    assert head_in_state({**state, "other.weight": torch.zeros(5, 9)}, 5) is None
    assert head_in_state(state, 99) is None


@pytest.mark.parametrize(
    ("architecture", "name", "dims"),
    [
        ("timm/resnet18", "fc", 512),
        ("timm/vit_tiny_patch16_224", "head", 192),
        ("timm/convnext_atto", "head.fc", 320),
        ("timm/efficientnet_b0", "classifier", 1280),
        ("timm/mobilenetv3_small_050", "classifier", 1024),
        ("timm/regnetx_002", "head.fc", 368),
        ("timm/edgenext_xx_small", "head.fc", 168),
        ("timm/densenet121", "classifier", 1024),
        ("torchvision/resnet18", "fc", 512),
        ("torchvision/mobilenet_v2", "classifier.1", 1280),
        ("torchvision/shufflenet_v2_x0_5", "fc", 1024),
        ("torchvision/efficientnet_b0", "classifier.1", 1280),
    ],
)
def test_heads_of_known_architectures(architecture: str, name: str, dims: int) -> None:
    built = build_model(architecture, 7)
    size = built.pretrained_preprocessing["input_size"]
    head = find_head(built.module, 7, input_size=size)
    assert (head.name, head.kind, head.weight.shape, head.is_final_linear) == (name, "linear", (7, dims), True)
    logits, embedding = tap(built.module, head, torch.randn(2, 3, *size))
    np.testing.assert_allclose(embedding.numpy() @ head.weight.T + head.bias, logits, rtol=1e-3, atol=1e-4)


def test_the_convolutional_head_of_squeezenet() -> None:
    head = find_head(build_model("torchvision/squeezenet1_1", 7).module, 7)
    assert (head.name, head.kind, head.weight.shape, head.is_final_linear) == (
        "classifier.1",
        "conv1x1",
        (7, 512),
        False,
    )


class _Half(torch.nn.Module):
    def __init__(self, inside: bool):
        super().__init__()
        self.head = torch.nn.Linear(12, 5)
        self.inside = inside

    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.inside):
            logits = self.head(x.flatten(1))
        return logits.to(torch.bfloat16)


@pytest.mark.parametrize("inside", [True, False])
def test_a_network_that_answers_in_a_half_format_keeps_its_own_logits(inside):
    torch.manual_seed(0)
    head = find_head(_Half(inside).eval(), 5, input_size=(2, 2))
    assert head is not None
    assert head.kind == "linear"
    assert head.can_tap
    assert not head.is_final_linear  # taking the head off would give finer logits than the network's own
