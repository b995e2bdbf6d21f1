"""Training the benchmark's networks and heads; deterministic for a seed."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from analysis.arrays import AnyArray, FloatArray, IntArray

State = dict[str, torch.Tensor]
BATCH = 64


def expand(network: nn.Module, previous: Mapping[str, torch.Tensor], rows: IntArray) -> nn.Module:
    """Give a new network the weights of one with fewer outputs: its row k goes to `rows[k]`."""
    state = network.state_dict()
    for name, tensor in previous.items():
        if state[name].shape == tensor.shape:
            state[name] = tensor.clone()
        else:
            state[name][torch.from_numpy(rows)] = tensor
    network.load_state_dict(state)
    return network


def fit(
    network: nn.Module,
    draw: Callable[[np.random.Generator], tuple[AnyArray, IntArray]],
    *,
    epochs: int,
    seed: int,
    rate: float = 3e-3,
    trained: Callable[[str], bool] = lambda name: True,
) -> nn.Module:
    """AdamW with a cosine schedule.

    Args:
        network: Changed in place and returned in evaluation mode.
        draw: Pictures (N, H, W) uint8 and outputs (N,) of one epoch.
        epochs: Passes.
        seed: Of the order and the shifts.
        rate: Peak learning rate.
        trained: Which parameters are trained, by name.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    parameters = [p for name, p in network.named_parameters() if trained(name)]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=1e-2)
    size = len(draw(np.random.default_rng(seed))[1])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * -(-size // BATCH))
    network.train()
    for _ in range(epochs):
        pixels, target = draw(rng)
        for rows in np.array_split(rng.permutation(len(target)), -(-len(target) // BATCH)):
            shift = tuple(int(value) for value in rng.integers(-1, 2, size=2))
            inputs = torch.roll(torch.from_numpy(pixels[rows]).float().div_(255)[:, None], shift, (2, 3))
            loss = functional.cross_entropy(network(inputs), torch.from_numpy(target[rows]))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return network.eval()


def fit_head(
    features: FloatArray, target: IntArray, outputs: int, *, seed: int, penalty: float = 1e-3
) -> tuple[torch.Tensor, torch.Tensor]:
    """A linear head on frozen embeddings, by full-batch Adam on standardised features.

    Args:
        features: (N, D). target: (N,) outputs. outputs: C.
        seed: Of the first weights.
        penalty: Weight decay of the objective.

    Returns:
        Weight (C, D) and bias (C,), float32, for features as they are.
    """
    torch.manual_seed(seed)
    x = torch.from_numpy(np.asarray(features, dtype=np.float32))
    centre, spread = x.mean(0), x.std(0) + 1e-3
    x, y = (x - centre) / spread, torch.from_numpy(target)
    head = nn.Linear(x.shape[1], outputs)
    nn.init.zeros_(head.weight)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.02)
    for _ in range(150):
        loss = functional.cross_entropy(head(x), y) + penalty * head.weight.square().sum() / 2
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    weight = (head.weight / spread).detach()
    return weight, (head.bias - weight @ centre).detach()
