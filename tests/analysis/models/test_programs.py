"""Networks that bring their own program; a file that could run code is not loaded."""

import io
import json
import os
import pickle
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from analysis.errors import CheckpointError
from analysis.models.loading import LoadedModel, load_model
from analysis.models.programs import load_exported
from analysis.spec.sections import ModelSpec
from tests.analysis.models.networks import plain

PICTURES = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def load(path: Path) -> LoadedModel:
    return load_model(ModelSpec.model_construct(checkpoint=path, architecture=None, weights="auto"), 5)


def expected() -> torch.Tensor:
    with torch.inference_mode():
        return plain()(PICTURES)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that takes any number of pictures, beside one that takes two."""
    folder = tmp_path_factory.mktemp("programs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dynamic = ({0: torch.export.Dim("batch", min=1, max=64)},)
        torch.export.save(torch.export.export(plain(), (PICTURES,), dynamic_shapes=dynamic), folder / "any.pt2")
        torch.export.save(torch.export.export(plain(), (PICTURES,)), folder / "two.pt2")
    return folder / "any.pt2"


def assert_program(model: LoadedModel, kind: str) -> None:
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.testing.assert_close(model.module(PICTURES), expected(), rtol=1e-4, atol=1e-5)
    assert (model.kind, model.outputs) == (kind, 5)
    assert model.head.weight.shape == (5, 6)
    assert not model.head.can_tap
    assert any("there are no embeddings" in notice for notice in model.notices)


@pytest.mark.parametrize("make", ["script", "trace"])
def test_torchscript_is_told_by_content(tmp_path: Path, make: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.jit.script(plain()) if make == "script" else torch.jit.trace(plain(), PICTURES)
        program.save(str(tmp_path / "net.pth"))
    assert_program(load(tmp_path / "net.pth"), "torchscript")


def test_an_exported_program_is_told_by_content(exported: Path, tmp_path: Path) -> None:
    shutil.copy(exported, tmp_path / "net.bin")
    model = load(tmp_path / "net.bin")
    assert_program(model, "exported")
    assert model.batch_size is None
    assert model.preprocessing["input_size"] == (32, 32)


def test_a_program_for_one_batch_size_says_so(exported: Path) -> None:
    assert load(exported.with_name("two.pt2")).batch_size == 2


def test_a_program_for_one_size_refuses_another(exported: Path) -> None:
    spec = ModelSpec.model_construct(checkpoint=exported, architecture=None, weights="auto")
    with pytest.raises(CheckpointError, match=r"32 × 32 px only.*is 64 × 64"):
        load_model(spec, 5, input_size=(64, 64))


def rewritten(source: Path, target: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Copy an archive, changing its parts."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


class MakesFolder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_an_unchanged_copy_is_accepted(exported: Path, tmp_path: Path) -> None:
    copy = rewritten(exported, tmp_path / "copy.pt2", lambda name, part: part)
    load_exported(copy)


@pytest.mark.parametrize("protocol", ["torch", "pickle"])
def test_sample_inputs_that_run_code_are_refused(exported: Path, tmp_path: Path, protocol: str) -> None:
    target = tmp_path / "was here"
    bad = io.BytesIO()
    torch.save(MakesFolder(target), bad)
    part = bad.getvalue() if protocol == "torch" else pickle.dumps(MakesFolder(target), protocol=0)
    path = rewritten(exported, tmp_path / "x.pt2", lambda name, old: part if name.endswith("model.pt") else old)
    with pytest.raises(CheckpointError, match=r"holds Python objects .*so it was not loaded"):
        load(path)
    assert not target.exists()


def _change_json(suffix: str, change: Callable[[str], str]) -> Callable[[str, bytes], bytes]:
    return lambda name, part: change(part.decode()).encode() if name.endswith(suffix) else part


@pytest.mark.parametrize(
    ("old", "new", "expected_message"),
    [
        ("torch.ops.aten.conv2d.default", "torch.os.system", "calls 'torch.os.system'"),
        ("torch.ops.aten.conv2d.default", "torch.hub.load", "calls 'torch.hub.load'"),
        ("torch.ops.aten.conv2d.default", "_operator.methodcaller", "calls '_operator.methodcaller'"),
        ("Symbol('", "__import__('os').mkdir('", "computes a size with"),
    ],
)
def test_operators_and_sizes_that_are_code_are_refused(
    exported: Path, tmp_path: Path, old, new, expected_message
) -> None:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    path = rewritten(exported, tmp_path / "x.pt2", _change_json("models/model.json", change))
    with pytest.raises(CheckpointError) as error:
        load(path)
    assert expected_message in str(error.value)


def test_pickled_constants_and_weights_are_refused(exported: Path, tmp_path: Path) -> None:
    constants = json.dumps({"config": {"x": {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True}}})
    path = rewritten(exported, tmp_path / "x.pt2", _change_json("constants_config.json", lambda text: constants))
    with pytest.raises(CheckpointError, match="Python object"):
        load(path)
    pickled = _change_json(
        "weights_config.json", lambda text: text.replace('"use_pickle": false', '"use_pickle": true')
    )
    with pytest.raises(CheckpointError, match="Python object"):
        load(rewritten(exported, tmp_path / "y.pt2", pickled))


def test_a_damaged_program_is_told(exported: Path, tmp_path: Path) -> None:
    path = rewritten(
        exported, tmp_path / "x.pt2", _change_json("models/model.json", lambda text: text[: len(text) // 2])
    )
    with pytest.raises(CheckpointError, match="damaged"):
        load(path)
    (tmp_path / "y.pt2").write_bytes(exported.read_bytes()[:2000])
    with pytest.raises(CheckpointError, match="damaged"):
        load(tmp_path / "y.pt2")
