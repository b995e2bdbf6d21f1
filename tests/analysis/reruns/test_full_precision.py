"""float32 in networks that turn to half formats by themselves."""

import torch
from torch import nn

from analysis.reruns.full_precision import in_full_precision


class Half(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 4)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x = self.body(x)
        return (self.head(x.float()) - 3000).to(torch.bfloat16)


def test_casts_and_autocast_inside_the_network_do_nothing():
    torch.manual_seed(0)
    module, x = Half().eval(), torch.randn(5, 4)
    with torch.inference_mode():
        exact = module.head(module.body(x)) - 3000
        assert module(x).dtype == torch.bfloat16
        with in_full_precision(module) as network:
            torch.testing.assert_close(network(x), exact)
        assert module(x).dtype == torch.bfloat16


def test_half_weights_are_float32_while_it_lasts():
    module, x = nn.Linear(4, 3).half(), torch.randn(5, 4)
    with in_full_precision(module) as network, torch.inference_mode():
        assert network(x).dtype == torch.float32
    assert module.weight.dtype == torch.float16
