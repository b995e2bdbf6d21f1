"""A tiny but complete investigation: three colours as classes, a factory network, a checkpoint that knows them."""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from analysis.preparation import Prepared
from analysis.reruns.subject import Subject
from analysis.runs.run import Run
from tests.devices import DEVICE

COLOURS = {"blue": (40, 60, 220), "green": (40, 200, 60), "red": (220, 50, 40)}
NETWORK = '''
import torch
from torch import nn

def colours(num_classes):
    """Mean colour, then a linear head."""
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, num_classes))
'''


def tiny_investigation(folder: Path, *, per_class: int = 12, order: tuple[int, ...] = (0, 1, 2), seed: int = 0) -> Path:
    """Write pictures, network, checkpoint, class lists and investigation.toml.

    Args:
        folder: Where; made where it is missing.
        per_class: Pictures of each class.
        order: Row `order[j]` of the right head stands at place j.
        seed: Of the noise in the pictures.

    Returns:
        The path of ``investigation.toml``.
    """
    rng = np.random.default_rng(seed)
    for name, colour in COLOURS.items():
        (folder / "val" / name).mkdir(parents=True, exist_ok=True)
        for index in range(per_class):
            pixels = np.clip(rng.normal(colour, 25, size=(24, 24, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "val" / name / f"{index:03d}.png")
    (folder / "network.py").write_text(NETWORK)
    rows = torch.tensor([[-1.0, -1.0, 2.0], [-1.0, 2.0, -1.0], [2.0, -1.0, -1.0]])[list(order)] * 4
    torch.save({"state_dict": {"2.weight": rows, "2.bias": torch.zeros(3)}}, folder / "model.pth")
    (folder / "classes.json").write_text(json.dumps(sorted(COLOURS)))
    (folder / "old.txt").write_text("blue\ngreen\n")
    path = folder / "investigation.toml"
    path.write_text(TOML)
    return path


def subject_of(path: Path, prepared: Prepared) -> Subject:
    """What is re-run, of a run directory whose inference is complete."""
    return Subject.of(
        Run.open(path),
        prepared.model,
        prepared.dataset,
        prepared.groups,
        preprocessing=prepared.preprocessing,
        spec=prepared.spec.inference,
    )


TOML = f"""
title = "Three colours"

[model]
checkpoint = "model.pth"
architecture = "network.py:colours"

[classes]
names = "classes.json"
old = "old.txt"

[data]
validation = "val"

[preprocessing]
input_size = 16
resize = "squash"
mean = [0.5, 0.5, 0.5]
std = [0.5, 0.5, 0.5]

[inference]
device = "{DEVICE}"
"""
