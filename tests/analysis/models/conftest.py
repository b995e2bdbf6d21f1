"""A factory file with a tiny network, and checkpoints of it."""

from pathlib import Path

import pytest

FACTORY = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.BatchNorm2d(6), nn.ReLU())
        self.fc = nn.Linear(6, num_classes)

    def forward(self, pictures):
        return self.fc(self.backbone(pictures).mean(dim=(2, 3)))


def build(num_classes):
    return Net(num_classes)


def takes_nothing():
    return Net(2)


def returns_text(num_classes):
    return "net"


def fails(num_classes):
    raise ValueError("no such\\nnetwork today")
"""


@pytest.fixture
def factory(tmp_path: Path) -> str:
    """The architecture `FILE.py:build`; the same network as `networks.plain`."""
    path = tmp_path / "net.py"
    path.write_text(FACTORY)
    return f"{path}:build"
