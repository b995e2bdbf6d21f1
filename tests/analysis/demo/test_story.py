"""The demo says what it plants, and plants what it says."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

from analysis.demo.network import digits_cnn
from analysis.demo.story import DESCRIPTION, HEALTHY, build_demo


def _accuracy(folder, column_to_class, bias):
    names = json.loads((folder / "classes.json").read_text())
    old = json.loads((folder / "old_classes.json").read_text())
    network = digits_cnn(10)
    network.load_state_dict(torch.load(folder / "expanded.pth", weights_only=True)["state_dict"])
    rows = list(csv.DictReader((folder / "validation.csv").read_text().splitlines()))
    pixels = np.stack([np.asarray(Image.open(folder / "validation" / row["filepath"])) for row in rows])
    with torch.inference_mode():
        logits = network.eval()(torch.from_numpy(pixels)[:, None].float() / 255).numpy()
    meant = [column_to_class.get(name, name) for name in names]
    logits -= bias * np.array([name not in old for name in meant])
    return np.array([meant[column] == row["label"] for column, row in zip(logits.argmax(1), rows, strict=True)])


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return build_demo(tmp_path_factory.mktemp("demo")).parent


def test_undoing_what_is_described_gives_the_accuracy_back(demo):
    described = json.loads((demo / DESCRIPTION).read_text())
    planted = described["planted"]
    fixed = _accuracy(demo, described["column_to_class"], planted["new_bias"])
    files = [row["filepath"] for row in csv.DictReader((demo / "validation.csv").read_text().splitlines())]
    untouched = ~np.isin(files, [*described["true_names"], *described["inverted_scans"]])

    assert _accuracy(demo, {}, 0).mean() < 0.15
    assert fixed[untouched].mean() > 0.95
    assert not fixed[np.isin(files, list(described["true_names"]))].any()
    assert len(described["inverted_scans"]) == round(0.08 * len(files))


def test_the_same_seed_gives_the_same_files(demo, tmp_path):
    again = build_demo(tmp_path).parent

    for file in ("expanded.pth", "old.pth", "validation.csv", DESCRIPTION):
        assert (again / file).read_bytes() == (demo / file).read_bytes(), file


def test_the_healthy_demo_plants_nothing(tmp_path):
    folder = build_demo(tmp_path, faults=HEALTHY).parent

    assert json.loads((folder / DESCRIPTION).read_text())["expected"] == []
    assert _accuracy(folder, {}, 0).mean() > 0.95
