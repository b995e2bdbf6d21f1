"""The demo's network: four small convolutions and a linear head, for 32 × 32 gray pictures."""

from torch import nn


def digits_cnn(num_classes: int) -> nn.Module:
    """Build the network; its head is the last layer and takes 64 dimensions.

    Args:
        num_classes: Number of the head's outputs.
    """
    return nn.Sequential(
        *_block(1, 16),
        *_block(16, 32),
        *_block(32, 64),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 64),
        nn.ReLU(inplace=True),
        nn.Linear(64, num_classes),
    )


def _block(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]
