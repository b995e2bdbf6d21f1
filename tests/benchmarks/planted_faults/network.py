"""The benchmark's own network for gray pictures of any size; copied beside each planted checkpoint as its factory."""

from torch import nn


def small_network(num_classes: int) -> nn.Module:
    """Three convolutions with BatchNorm, an embedding of 128 dimensions and a linear head."""
    return nn.Sequential(
        *_block(1, 32, 1),
        *_block(32, 64, 2),
        *_block(64, 96, 2),
        nn.AdaptiveAvgPool2d((2, 6)),
        nn.Flatten(),
        nn.Linear(1152, 128),
        nn.ReLU(),
        nn.Linear(128, num_classes),
    )


def _block(inputs: int, outputs: int, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
