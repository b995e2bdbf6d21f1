"""A tiny validation set of picture files, a tiny network with its checkpoint, and one way to run them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.datasets.reading import read_dataset
from analysis.inference.predict import predict
from analysis.models.loading import load_model
from analysis.runs.writer import RunWriter
from analysis.spec.class_groups import class_groups
from analysis.spec.sections import InferenceSpec, ModelSpec
from tests.devices import DEVICE

CLASSES = tuple(f"class {letter}" for letter in "abcdef")
OLD = CLASSES[1::2]

FACTORY = """
from torch import nn

def build(num_classes):
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2), nn.BatchNorm2d(6), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(24, num_classes),
    )
"""


class Investigated:
    """Files of one small investigation below a folder."""

    def __init__(self, folder: Path, samples: int = 40) -> None:
        self.folder = folder
        rng = np.random.default_rng(0)
        (folder / "images").mkdir(parents=True)
        rows = ["filepath,label,site"]
        for number in range(samples):
            pixels = rng.integers(0, 256, (10, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
            rows.append(f"{number}.png,{CLASSES[number % 6]},{'north' if number % 2 else 'south'}")
        self.manifest = folder / "val.csv"
        self.manifest.write_text("\n".join(rows))
        (folder / "net.py").write_text(FACTORY)
        namespace: dict[str, object] = {}
        exec(compile(FACTORY, "net.py", "exec"), namespace)
        torch.manual_seed(0)
        self.network = namespace["build"](len(CLASSES)).eval()
        self.network[1].running_mean.normal_()
        torch.save(self.network.state_dict(), folder / "last.pth")

    def model(self):
        spec = ModelSpec.model_validate(
            {"checkpoint": str(self.folder / "last.pth"), "architecture": f"{self.folder}/net.py:build"}
        )
        return load_model(spec, len(CLASSES), input_size=(8, 8))

    def run(self, out, *, resume=False, model=None, dataset=None, classes=CLASSES, progress=None, **inference):
        preprocessing = resolve_preprocessing({"input_size": 8}, None)
        dataset = dataset or read_dataset(self.manifest, self.folder / "images")
        options = {} if progress is None else {"progress": progress}
        with RunWriter(out, resume=resume) as writer:
            return predict(
                model or self.model(),
                dataset,
                class_groups(classes, OLD),
                preprocessing,
                writer,
                InferenceSpec(device=DEVICE, **{"batch_size": 4, **inference}),
                resume=resume,
                **options,
            )


@pytest.fixture
def investigated(tmp_path):
    return Investigated(tmp_path / "investigation")


def files_of(run):
    """Content of every file of a run, but what holds seconds."""
    paths = [path for path in run.rglob("*") if path.is_file() and path.name not in ("inference.json", ".lock")]
    return {str(path.relative_to(run)): path.read_bytes() for path in paths}


@pytest.fixture
def content():
    return files_of
