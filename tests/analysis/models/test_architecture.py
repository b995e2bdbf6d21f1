"""Architectures by name, and what is said about one that is not there."""

from pathlib import Path

import pytest
import torch

from analysis.errors import ArchitectureError
from analysis.models.architecture import build_model


def test_timm_networks_come_with_their_own_preprocessing() -> None:
    built = build_model("timm/resnet18", 7)
    assert built.module(torch.zeros(1, 3, 64, 64)).shape == (1, 7)
    assert not built.module.training
    assert built.pretrained_preprocessing == {
        "input_size": (224, 224),
        "resize": "shortest",
        "crop_pct": 0.95,
        "interpolation": "bicubic",
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
        "channels": "rgb",
        "exif": False,
    }


def test_torchvision_networks_come_with_the_transforms_of_their_weights() -> None:
    built = build_model("torchvision/resnet50", 7)
    preprocessing = built.pretrained_preprocessing
    assert preprocessing["interpolation"] == "bilinear"
    assert round(preprocessing["input_size"][0] / preprocessing["crop_pct"]) == 232


def test_a_network_for_one_size_is_built_for_the_size_asked_for() -> None:
    timm = build_model("timm/vit_tiny_patch16_224", 3, input_size=(64, 64)).module
    assert timm(torch.zeros(1, 3, 64, 64)).shape == (1, 3)


def test_a_factory_is_called_with_the_number_of_classes(factory: str) -> None:
    built = build_model(factory, 9)
    assert built.module(torch.zeros(2, 3, 16, 16)).shape == (2, 9)
    assert not built.module.training
    assert built.pretrained_preprocessing is None


def test_a_factorys_own_configuration_is_used(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        "from torch import nn\n"
        "def build(num_classes):\n"
        "    layers = nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes)\n"
        "    net = nn.Sequential(*layers)\n"
        "    net.default_cfg = {'input_size': (1, 28, 32), 'mean': (0.5,), 'std': (0.25,), 'crop_mode': 'squash'}\n"
        "    return net\n"
    )
    preprocessing = build_model(f"{path}:build", 3).pretrained_preprocessing
    assert preprocessing["input_size"] == (28, 32)
    assert (preprocessing["channels"], preprocessing["resize"]) == ("gray", "squash")
    assert (preprocessing["mean"], preprocessing["std"]) == ((0.5,), (0.25,))


def test_a_factory_can_import_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "own_layers_of_this_test.py").write_text("from torch import nn\nLayer = nn.Linear\n")
    (tmp_path / "net.py").write_text(
        "from own_layers_of_this_test import Layer\ndef build(num_classes):\n    return Layer(4, num_classes)\n"
    )
    assert build_model(f"{tmp_path / 'net.py'}:build", 3).module.out_features == 3


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("timm/resnt18", "Did you mean timm/resnet18"),
        ("torchvision/resnet19", "Did you mean torchvision/resnet18"),
        ("torchvision/fasterrcnn_resnet50_fpn", "no classification network"),
        ("timm/hf-hub:someone/something", "no classification network"),
        ("timm/resnet18.no_such_tag", "Invalid pretrained tag"),
        ("keras/resnet", "expected timm/NAME, torchvision/NAME or FILE.py:FUNCTION"),
    ],
)
def test_unknown_names_are_told_with_what_was_meant(architecture: str, expected: str) -> None:
    with pytest.raises(ArchitectureError) as error:
        build_model(architecture, 3)
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("biuld", "has no function 'biuld'. Did you mean 'build'?"),
        ("takes_nothing", "takes_nothing(num_classes=3)"),
        ("returns_text", "returned a str; expected a torch.nn.Module"),
        ("fails", "raised ValueError: no such network today. Expected a function"),
    ],
)
def test_a_factory_that_does_not_work_is_told_in_one_line(factory: str, function: str, expected: str) -> None:
    with pytest.raises(ArchitectureError) as error:
        build_model(factory.replace(":build", f":{function}"), 3)
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import no_such_package_anywhere", "ModuleNotFoundError: No module named"),
        ("def build(:", "SyntaxError"),
        ("raise SystemExit('bye')", "SystemExit: bye"),
    ],
)
def test_a_factory_file_that_does_not_run_is_told(tmp_path: Path, source: str, expected: str) -> None:
    (tmp_path / "net.py").write_text(source)
    with pytest.raises(ArchitectureError, match=f"cannot be run: {expected}"):
        build_model(f"{tmp_path / 'net.py'}:build", 3)


def test_a_missing_factory_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchitectureError, match="does not exist"):
        build_model(f"{tmp_path / 'none.py'}:build", 3)
