"""Networks that never leave training mode: evaluation forced from outside, and nothing changed afterwards."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from analysis.reruns.forced_evaluation import in_evaluation, without_randomness


class Stubborn(nn.Module):
    """Overrides `eval()` and draws in three ways."""

    def __init__(self, keeps_statistics: bool):
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3)
        self.norm = nn.BatchNorm2d(5, track_running_stats=keeps_statistics)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(5, 4)

    def train(self, mode: bool = True):
        return super().train(True)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        features = functional.dropout(self.norm(self.conv(pictures)).mean((2, 3)), 0.3)
        return self.head(self.drop(features + torch.randn_like(features)))


def pictures():
    return torch.randn(32, 3, 8, 8, generator=torch.Generator().manual_seed(3))


def made(kind, keeps_statistics):
    torch.manual_seed(0)
    module = Stubborn(keeps_statistics).eval()
    if kind == "scripted":
        return torch.jit.script(module)
    return torch.jit.trace(module, pictures()[:2], check_trace=False) if kind == "traced" else module


@pytest.mark.parametrize("keeps_statistics", [True, False])
@pytest.mark.parametrize("kind", ["python", "scripted", "traced"])
@pytest.mark.filterwarnings("ignore")  # torch announces the end of TorchScript
def test_answers_no_longer_depend_on_chance_or_company(kind, keeps_statistics):
    module = made(kind, keeps_statistics)
    with torch.inference_mode():
        assert not torch.equal(module(pictures()), module(pictures()))
        with in_evaluation(module, lambda: [pictures()]) as network:
            first, second, few = network(pictures()), network(pictures()), network(pictures()[:5])
        torch.testing.assert_close(first, second)
        torch.testing.assert_close(first[:5], few)
        assert not torch.equal(module(pictures()), module(pictures()))


def test_running_statistics_are_used_where_there_are_any():
    module = made("python", True)
    module.norm.running_mean.fill_(0.5)
    obedient = nn.Sequential(module.conv, nn.BatchNorm2d(5), nn.AdaptiveAvgPool2d(1), nn.Flatten(), module.head).eval()
    obedient[1].load_state_dict(module.norm.state_dict())
    with in_evaluation(module, lambda: [pictures()]) as network, torch.inference_mode():
        torch.testing.assert_close(network(pictures()), obedient(pictures()))
    assert module.norm.running_mean.eq(0.5).all()


def test_flags_are_put_back():
    module = made("python", True)
    with in_evaluation(module, lambda: [pictures()]):
        assert not any(part.training for part in module.modules())
    assert all(part.training for part in module.modules())


@pytest.mark.parametrize(
    "draw",
    [
        lambda x: functional.dropout(x, 0.4, training=True),
        lambda x: functional.dropout2d(x[..., None, None], 0.4, training=True)[..., 0, 0],
        lambda x: x * x.new_empty(len(x), 1).bernoulli_(0.8).div_(0.8),
        lambda x: x + torch.randn(x.shape),
        lambda x: x + torch.empty_like(x).normal_(0.0, 2.0),
        lambda x: functional.alpha_dropout(x, 0.4, training=True),
    ],
)
def test_every_way_of_drawing_has_its_expectation(draw):
    class Draws(nn.Module):
        def forward(self, x):
            return draw(x)

    x = torch.rand(6, 7)
    with without_randomness(Draws()) as network, torch.inference_mode():
        torch.testing.assert_close(network(x), x)


def test_what_is_drawn_outside_the_network_stays_random():
    with without_randomness(nn.Identity()) as network, torch.inference_mode():
        network(torch.zeros(2, 2))
        assert torch.randn(50).std() > 0.3


def test_a_network_that_fails_leaves_no_context_behind():
    class Fails(nn.Module):
        def forward(self, x):
            raise RuntimeError("no")

    with without_randomness(Fails()) as network, pytest.raises(RuntimeError, match="no"):
        network(torch.zeros(1))
    assert torch.randn(50).std() > 0.3
