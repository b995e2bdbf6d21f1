"""Pictures and networks of the benchmarks; everything is made on the spot, weights are random."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn

from analysis.models.head import find_head
from analysis.models.torchvision_import import import_torchvision


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A data set and a network.

    Attributes:
        pictures: How many.
        classes: C.
        old_share: Part of the classes that are old.
        colour: Colour or gray PNG files of 32 × 32 pixels.
        preprocessing: Keys of [preprocessing].
        build: The network, given C.
        batch_sizes: What the bare loop may choose from.
        target: Least ratio of images/s.
    """

    pictures: int
    classes: int
    old_share: float
    colour: bool
    preprocessing: Mapping[str, object]
    build: Callable[[int], nn.Module]
    batch_sizes: tuple[int, ...]
    target: float


def small_cnn(classes: int) -> nn.Module:
    """A light network: four convolutions, D = 256, about 0.13 ms a picture on two cores."""
    layers: list[nn.Module] = []
    for inputs, outputs, stride in ((1, 24, 1), (24, 48, 2), (48, 96, 2), (96, 256, 2)):
        layers += [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, classes))


def mobile_network(classes: int) -> nn.Module:
    """A network of mobile size, D = 1,280."""
    import_torchvision()
    import timm

    return timm.create_model("mobilenetv3_large_100", pretrained=False, num_classes=classes)


def residual_network(classes: int) -> nn.Module:
    """ResNet-50, D = 2,048: what one expects a GPU for."""
    import_torchvision()
    import timm

    return timm.create_model("resnet50", pretrained=False, num_classes=classes)


WORKLOADS = {
    "large": Workload(
        pictures=20_000,
        classes=1_000,
        old_share=0.7,
        colour=True,
        preprocessing={"input_size": 224, "resize": "squash", "interpolation": "bilinear"},
        build=residual_network,
        batch_sizes=(128, 256, 512),
        target=0.85,
    ),
    "heavy": Workload(
        pictures=2_000,
        classes=10,
        old_share=0.7,
        colour=True,
        preprocessing={"input_size": 112, "resize": "squash", "interpolation": "bilinear"},
        build=mobile_network,
        batch_sizes=(32, 64, 128),
        target=0.90,
    ),
    "light": Workload(
        pictures=20_000,
        classes=8_000,
        old_share=0.66,
        colour=False,
        preprocessing={"input_size": 32, "resize": "none", "channels": "gray"},
        build=small_cnn,
        batch_sizes=(32, 64, 128, 256, 512, 1024),
        target=0.85,
    ),
}


def write_pictures(folder: Path, workload: Workload, pictures: int) -> Path:
    """Write upscaled digits with noise as PNG files, and a manifest; returns the manifest."""
    rng = np.random.default_rng(0)
    digits = (load_digits().images * (255 / 16)).astype(np.uint8)
    (folder / "images").mkdir(parents=True)
    rows = ["filepath,label"]
    for number in range(pictures):
        digit = np.asarray(Image.fromarray(digits[number % len(digits)]).resize((32, 32), Image.Resampling.BILINEAR))
        noisy = np.clip(digit + rng.integers(-20, 20, (32, 32)), 0, 255)
        pixels = (noisy[:, :, None] * rng.uniform(0.3, 1.0, 3)) if workload.colour else noisy
        Image.fromarray(pixels.astype(np.uint8)).save(folder / "images" / f"{number:06d}.png")
        rows.append(f"images/{number:06d}.png,class {number % workload.classes}")
    manifest = folder / "val.csv"
    manifest.write_text("\n".join(rows))
    return manifest


def loaded_model(workload: Workload) -> SimpleNamespace:
    """The network as `predict` wants it."""
    torch.manual_seed(0)
    module = workload.build(workload.classes).eval()
    size = int(str(workload.preprocessing["input_size"]))
    head = find_head(module, workload.classes, input_size=(size, size))
    return SimpleNamespace(
        module=module, head=head, outputs=workload.classes, digest="random", weights="model", batch_size=None
    )
