"""From checkpoint and architecture to a network; what does not fit is named, and stops unless it is only the head."""

from pathlib import Path

import numpy as np
import pytest
import torch

from analysis.errors import CheckpointError
from analysis.models.architecture import build_model
from analysis.models.loading import LoadedModel, load_model
from analysis.spec.sections import ModelSpec
from tests.analysis.models.networks import plain

PICTURES = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def load(tmp_path: Path, factory: str):
    def _load(
        state: object, *, classes: int = 5, architecture: str | None = factory, weights: str = "auto"
    ) -> LoadedModel:
        torch.save(state, tmp_path / "last.pth")
        spec = ModelSpec.model_construct(checkpoint=tmp_path / "last.pth", architecture=architecture, weights=weights)
        return load_model(spec, classes)

    return _load


def same(model: LoadedModel, module: torch.nn.Module) -> bool:
    with torch.inference_mode():
        return torch.equal(model.module(PICTURES), module(PICTURES))


def test_the_network_predicts_as_it_did_when_it_was_saved(load) -> None:
    model = load({"state_dict": {f"module.{name}": tensor for name, tensor in plain().state_dict().items()}})
    assert same(model, plain())
    assert not model.module.training
    assert (model.outputs, model.head.name, model.load_report.fits) == (5, "fc", True)
    assert model.load_report.stripped == ("module.",)
    assert any("module." in notice for notice in model.notices)
    np.testing.assert_array_equal(model.head.weight, plain().fc.weight.detach())


def test_the_network_has_as_many_outputs_as_the_checkpoint_not_as_the_list(load) -> None:
    model = load(plain(classes=8).state_dict(), classes=5)
    assert (model.outputs, model.head.weight.shape) == (8, (8, 6))
    assert same(model, plain(classes=8))


def test_missing_names_stop_and_are_named(load) -> None:
    state = plain().state_dict()
    del state["backbone.0.weight"]
    with pytest.raises(CheckpointError, match=r"(?s)does not fit.*1 missing: backbone\.0\.weight"):
        load(state)


def test_unexpected_names_stop_and_the_first_ten_are_named(load) -> None:
    state = {**plain().state_dict(), **{f"block.{index:02}.weight": torch.ones(3) for index in range(12)}}
    with pytest.raises(CheckpointError) as error:
        load(state)
    assert "12 unexpected: block.00.weight" in str(error.value)
    assert "block.09.weight, …" in str(error.value)
    assert "block.10" not in str(error.value)


def test_wrong_shapes_stop_and_both_shapes_are_named(load) -> None:
    state = {**plain().state_dict(), "backbone.0.bias": torch.ones(7)}
    with pytest.raises(CheckpointError, match=r"backbone\.0\.bias \(checkpoint \[7\], network \[6\]\)"):
        load(state)


def test_a_checkpoint_of_something_else_stops(load) -> None:
    with pytest.raises(CheckpointError, match=r"0 fit\)"):
        load({"encoder.kernel": torch.ones(3, 3)})


def test_a_missing_head_goes_on_and_says_its_predictions_are_random(load) -> None:
    state = {name: tensor for name, tensor in plain().state_dict().items() if not name.startswith("fc.")}
    model = load(state)
    assert model.load_report.missing == ("fc.weight", "fc.bias")
    assert not model.load_report.head_loaded
    assert any("random weights" in notice for notice in model.notices)


def test_a_head_under_another_name_is_loaded(load) -> None:
    renamed = {name.replace("fc.", "classifier.out."): tensor for name, tensor in plain(classes=8).state_dict().items()}
    model = load(renamed)
    assert same(model, plain(classes=8))
    assert model.load_report.fits
    assert any("classifier.out.weight" in notice for notice in model.notices)


def test_a_projection_is_not_taken_for_the_head(load) -> None:
    state = {name: tensor for name, tensor in plain().state_dict().items() if not name.startswith("fc.")}
    model = load({**state, "projector.weight": torch.ones(128, 6)})
    assert (model.outputs, model.load_report.head_loaded) == (5, False)


def test_a_second_head_for_training_does_not_stop(load) -> None:
    model = load({**plain().state_dict(), "auxiliary.weight": torch.ones(5, 6), "auxiliary.bias": torch.ones(5)})
    assert model.load_report.unexpected == ("auxiliary.weight", "auxiliary.bias")
    assert model.load_report.head_loaded
    assert same(model, plain())


def test_a_loss_function_beside_the_network_is_left_out_and_told(load) -> None:
    state = {f"model.{name}": tensor for name, tensor in plain().state_dict().items()}
    model = load({"state_dict": {**state, "loss.weight": torch.ones(5)}})
    assert model.load_report.left_out == ("loss.weight",)
    assert any("1 tensors outside the network" in notice for notice in model.notices)


def test_batch_counters_that_older_files_lack_are_no_fault(load) -> None:
    state = {name: tensor for name, tensor in plain().state_dict().items() if "num_batches" not in name}
    assert load(state).load_report.fits


def test_weights_in_half_precision_are_loaded_as_float32(load) -> None:
    model = load(
        {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in plain().state_dict().items()}
    )
    assert model.head.weight.dtype == np.float32
    assert next(model.module.parameters()).dtype == torch.float32


def test_weights_that_are_not_finite_are_counted_and_the_run_goes_on(load) -> None:
    state = plain().state_dict()
    state["fc.weight"][2] = float("nan")
    model = load(state)
    assert model.nonfinite == {"fc.weight": 6}
    assert any("6 weights in 1 tensors" in notice for notice in model.notices)


def test_the_chosen_weight_set_is_recorded(load) -> None:
    content = {"model": plain().state_dict(), "model_ema": {"module": plain(seed=1).state_dict()}}
    assert same(load(content), plain())
    average = load(content, weights="ema")
    assert same(average, plain(seed=1))
    assert (average.weights, average.weight_sets) == ("ema", ("model", "ema"))


def test_a_state_dict_needs_an_architecture(load) -> None:
    with pytest.raises(CheckpointError, match="Set `architecture` in"):
        load(plain().state_dict(), architecture=None)


def test_preprocessing_of_a_factory_is_only_what_the_network_accepts(load) -> None:
    model = load(plain().state_dict())
    assert model.preprocessing == {"input_size": (224, 224), "channels": "rgb"}
    assert model.preprocessing_source.startswith("assumed")


def test_preprocessing_of_timm_is_its_pretrained_configuration(load) -> None:
    state = build_model("timm/resnet18", 3).module.state_dict()
    model = load(state, classes=4, architecture="timm/resnet18")
    assert (model.outputs, model.preprocessing["crop_pct"], model.preprocessing["resize"]) == (3, 0.95, "shortest")
    assert model.preprocessing_source == "pretrained configuration of timm/resnet18"


def test_only_position_tables_that_differ_point_at_the_picture_size(load) -> None:
    state = build_model("timm/vit_tiny_patch16_224", 3, input_size=(64, 64)).module.state_dict()
    with pytest.raises(CheckpointError, match="Only position tables differ: set `input_size`"):
        load(state, classes=3, architecture="timm/vit_tiny_patch16_224")


def test_heads_for_training_only_may_be_absent(load) -> None:
    state = build_model("torchvision/googlenet", 3).module.state_dict()
    state = {name: tensor for name, tensor in state.items() if not name.startswith("aux")}
    model = load(state, classes=3, architecture="torchvision/googlenet")
    assert model.load_report.head_loaded
    assert len(model.load_report.missing) > 4


WEIGHT_NORMALISED = """
from torch import nn
from torch.nn.utils import parametrizations
def build(num_classes):
    layers = nn.Conv2d(3, 6, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, num_classes)
    parametrizations.weight_norm(layers[-1])
    return nn.Sequential(*layers)
def always_four(num_classes):
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4))
"""


def test_a_weight_normalised_head_of_another_length(load, tmp_path: Path) -> None:
    (tmp_path / "normalised.py").write_text(WEIGHT_NORMALISED)
    architecture = f"{tmp_path / 'normalised.py'}:build"
    saved = build_model(architecture, 8).module
    model = load(saved.state_dict(), classes=5, architecture=architecture)
    assert (model.outputs, model.head.weight.shape, model.load_report.fits) == (8, (8, 6), True)
    assert same(model, saved)


def test_a_factory_that_ignores_the_number_of_classes(load, tmp_path: Path) -> None:
    (tmp_path / "normalised.py").write_text(WEIGHT_NORMALISED)
    architecture = f"{tmp_path / 'normalised.py'}:always_four"
    state = build_model(architecture, 9).module.state_dict()
    assert load(state, classes=7, architecture=architecture).outputs == 4
    state = {**state, "3.weight": torch.ones(6, 6), "3.bias": torch.ones(6)}
    model = load(state, classes=7, architecture=architecture)
    assert (model.outputs, model.load_report.head_loaded) == (4, False)


@pytest.mark.parametrize("classes", [1, 2])
def test_one_and_two_classes(load, classes: int) -> None:
    model = load(plain(classes=classes).state_dict(), classes=classes)
    assert (model.outputs, model.head.name, model.head.is_final_linear) == (classes, "fc", True)


COSINE = """
import torch
from torch import nn
from torch.nn import functional
class Head(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.weight, self.sigma = nn.Parameter(torch.randn(classes, 6)), nn.Parameter(torch.ones(()))
    def forward(self, x):
        return self.sigma * functional.linear(functional.normalize(x), functional.normalize(self.weight))
def build(num_classes):
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), Head(num_classes))
class Doubled(nn.Sequential):
    def forward(self, x):
        return 2 * super().forward(x)
def doubled_zeros(num_classes):
    last = nn.Linear(6, num_classes)
    nn.init.zeros_(last.weight), nn.init.zeros_(last.bias)
    return Doubled(nn.Conv2d(3, 6, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), last)
"""


def test_the_scale_of_a_cosine_head_is_the_loaded_one(load, tmp_path: Path) -> None:
    (tmp_path / "cosine.py").write_text(COSINE)
    architecture = f"{tmp_path / 'cosine.py'}:build"
    state = build_model(architecture, 5).module.state_dict()
    state["3.sigma"] = torch.tensor(20.0)
    model = load(state, architecture=architecture)
    assert model.head.kind == "cosine"
    assert model.head.place.scale == pytest.approx(20.0, rel=1e-3)


def test_a_head_of_zeros_before_training_does_not_hide_what_follows_it(load, tmp_path: Path) -> None:
    (tmp_path / "cosine.py").write_text(COSINE)
    architecture = f"{tmp_path / 'cosine.py'}:doubled_zeros"
    state = build_model(architecture, 5).module.state_dict()
    model = load({**state, "3.weight": torch.randn(5, 6), "3.bias": torch.randn(5)}, architecture=architecture)
    assert model.head.name == "3"
    assert not model.head.is_final_linear
