"""Tiny networks with the kinds of heads that occur."""

import torch
from torch import nn
from torch.nn import functional

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


def backbone(dims: int = 6) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, dims, 3, stride=2), nn.BatchNorm2d(dims), nn.ReLU())


class Pooled(nn.Module):
    """Convolutions, an average over positions, a head."""

    def __init__(self, head: nn.Module, dims: int = 6) -> None:
        super().__init__()
        self.backbone = backbone(dims)
        self.fc = head

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.backbone(pictures).mean(dim=(2, 3))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.fc(self.features(pictures))


class CosineHead(nn.Module):
    """Scaled cosine between embedding and class row."""

    def __init__(self, dims: int, classes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(classes, dims))
        self.sigma = nn.Parameter(torch.tensor(16.0))

    def forward(self, embedding: torch.Tensor) -> torch.Tensor:
        return self.sigma * functional.linear(functional.normalize(embedding), functional.normalize(self.weight))


class ConvolutionalHead(nn.Module):
    """A 1×1 convolution at every position, then the average over positions."""

    def __init__(self, dims: int, classes: int) -> None:
        super().__init__()
        self.backbone = backbone(dims)
        self.classifier = nn.Conv2d(dims, classes, 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.backbone(pictures)).mean(dim=(2, 3))


class TwoHeads(nn.Module):
    """Two heads, one of them for training only, and a layer that happens to have as many outputs."""

    def __init__(self, dims: int, classes: int) -> None:
        super().__init__()
        self.backbone = backbone(dims)
        self.bottleneck = nn.Linear(dims, classes)
        self.head = nn.Linear(classes, classes)
        self.auxiliary = nn.Linear(dims, classes)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.head(functional.gelu(self.bottleneck(self.backbone(pictures).mean(dim=(2, 3)))))


def plain(classes: int = 5, *, seed: int = 0) -> Pooled:
    torch.manual_seed(seed)
    return Pooled(nn.Linear(6, classes)).eval()
