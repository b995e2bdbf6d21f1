"""Folding changes nothing but time, and leaves the network as it found it."""

import pytest
import torch
from torch import nn

from analysis.inference.batch_norm_folding import folded


class Branching(nn.Module):
    """The convolution's output is also used beside the normalisation, so folding would change the answer."""

    def __init__(self):
        super().__init__()
        self.convolution, self.normalisation = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

    def forward(self, pictures):
        output = self.convolution(pictures)
        return self.normalisation(output) + output


class Twice(nn.Module):
    """One convolution, called twice, with a normalisation after each call."""

    def __init__(self):
        super().__init__()
        self.convolution, self.first, self.second = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.BatchNorm2d(3)

    def forward(self, pictures):
        return self.second(self.convolution(self.first(self.convolution(pictures))))


def plain():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(inplace=True),
        nn.Conv2d(8, 4, 3, groups=2),
        nn.BatchNorm2d(4),
    )


def timm_network():
    from analysis.models.architecture import build_model

    return build_model("timm/mobilenetv3_small_050", 5).module


def prepared(module):
    torch.manual_seed(0)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2.0)
            nn.init.normal_(layer.weight, 1.0, 0.2)
            nn.init.normal_(layer.bias)
    return module.eval()


@pytest.mark.parametrize(
    ("build", "count"), [(plain, 2), (timm_network, None), (Branching, 0), (Twice, 0), (lambda: nn.Conv2d(3, 4, 3), 0)]
)
def test_the_output_stays_and_so_does_the_network(build, count):
    module = prepared(build())
    pictures = torch.randn(2, 3, 32, 32)
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    layers = dict(module.named_modules())

    def forward():
        with torch.inference_mode():
            return module(pictures).clone()

    before = forward()
    with folded(module, forward) as found:
        during = forward()
    assert found == count or (count is None and found > 20)
    torch.testing.assert_close(during, before, rtol=1e-4, atol=1e-4)
    assert torch.equal(forward(), before)
    assert dict(module.named_modules()) == layers
    assert all(torch.equal(tensor, state[name]) for name, tensor in module.state_dict().items())


def test_a_network_that_fails_or_gives_no_numbers_is_left_alone():
    module = prepared(plain())

    def forward():
        raise RuntimeError("out of memory")

    with folded(module, forward) as found:
        assert found == 0
    module[1].running_var[0] = float("nan")
    with folded(module, lambda: module(torch.randn(1, 3, 16, 16))) as found:
        assert found == 0
    assert isinstance(module[1], nn.BatchNorm2d)


def test_training_mode_is_not_folded():
    module = plain().train()
    with folded(module, lambda: module(torch.ones(1, 3, 16, 16))) as found:
        assert found == 0
