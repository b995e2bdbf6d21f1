"""Training the demo's network on the spot: an old model of seven digits, then its expansion to ten."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from analysis.arrays import IntArray
from analysis.demo.network import digits_cnn

BATCH = 64
LEARNING_RATE = 3e-3


def train_old(pixels: IntArray, column: IntArray, columns: int, *, epochs: int, seed: int) -> nn.Module:
    """Train a new network.

    Args:
        pixels: (N, H, W) uint8.
        column: (N,) head output of each picture, 0..columns-1.
        columns: Number of the head's outputs.
        epochs: Passes over the pictures.
        seed: Of the weights and of the order.
    """
    torch.manual_seed(seed)
    return _fit(digits_cnn(columns), pixels, column, epochs=epochs, seed=seed)


def expand(old: nn.Module, pixels: IntArray, column: IntArray, columns: int, *, epochs: int, seed: int) -> nn.Module:
    """Give a trained network more outputs, its own rows first, and train it on old and new pictures together."""
    torch.manual_seed(seed)
    network = digits_cnn(columns)
    state, previous = network.state_dict(), old.state_dict()
    for name, tensor in previous.items():
        if state[name].shape == tensor.shape:
            state[name] = tensor
        else:
            state[name][: len(tensor)] = tensor
    network.load_state_dict(state)
    return _fit(network, pixels, column, epochs=epochs, seed=seed)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Small convolutions are no faster on two threads, and the same everywhere on one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@_one_thread()
def _fit(network: nn.Module, pixels: IntArray, column: IntArray, *, epochs: int, seed: int) -> nn.Module:
    inputs = torch.from_numpy(pixels.astype(np.float32) / 255)[:, None]
    targets = torch.from_numpy(column)
    order = np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=1e-2)
    steps = epochs * -(-len(targets) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    network.train()
    for _ in range(epochs):
        for rows in np.array_split(order.permutation(len(targets)), -(-len(targets) // BATCH)):
            shift = tuple(int(value) for value in order.integers(-2, 3, size=2))
            loss = functional.cross_entropy(network(torch.roll(inputs[rows], shift, (2, 3))), targets[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return network.eval()
