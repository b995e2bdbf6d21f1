"""Checkpoints: every wrapping that occurs, and every file that is none."""

import argparse
import hashlib
import io
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from analysis.errors import CheckpointError
from analysis.models.checkpoint import read_checkpoint

STATE = {"fc.weight": torch.arange(6.0).reshape(2, 3), "fc.bias": torch.tensor([1.0, 2.0])}
OTHER = {name: -tensor for name, tensor in STATE.items()}


def saved(path: Path, content: object, **options: object) -> Path:
    torch.save(content, path, **options)
    return path


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".ckpt", ".pth.tar", ""])
def test_the_suffix_does_not_matter(tmp_path: Path, suffix: str) -> None:
    checkpoint = read_checkpoint(saved(tmp_path / f"last{suffix}", STATE))
    assert checkpoint.kind == "state_dict"
    assert list(checkpoint.state) == list(STATE)
    assert torch.equal(checkpoint.state["fc.weight"], STATE["fc.weight"])
    assert checkpoint.notices == ()


def test_the_format_before_zip_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path / "old.pth", STATE, _use_new_zipfile_serialization=False)
    assert list(read_checkpoint(path).state) == list(STATE)


@pytest.mark.parametrize("name", ["last.safetensors", "last.bin"])
def test_safetensors_are_told_by_content(tmp_path: Path, name: str) -> None:
    safetensors.torch.save_file(STATE, tmp_path / name)
    assert torch.equal(read_checkpoint(tmp_path / name).state["fc.bias"], STATE["fc.bias"])


def test_safetensors_whose_length_starts_like_another_format(tmp_path: Path) -> None:
    path = tmp_path / "last.bin"
    for words in range(40):  # the header's length is a multiple of eight, and some begin with byte 8
        safetensors.torch.save_file(STATE, path, metadata={"note": "x" * 8 * words})
        assert set(read_checkpoint(path).state) == set(STATE)


@pytest.mark.parametrize("key", ["model", "state_dict", "model_state_dict", "net"])
def test_the_usual_wrappings_of_the_model(tmp_path: Path, key: str) -> None:
    content = {"epoch": 3, key: OrderedDict(STATE), "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}}}
    checkpoint = read_checkpoint(saved(tmp_path / "last.pth", content))
    assert list(checkpoint.state) == list(STATE)
    assert (checkpoint.weights, checkpoint.weight_sets) == ("model", ("model",))


@pytest.mark.parametrize("content", [{"model": {"module": STATE}}, {"net": {"state_dict": {"model": STATE}}}])
def test_wrappings_within_wrappings(tmp_path: Path, content: object) -> None:
    assert list(read_checkpoint(saved(tmp_path / "last.pth", content)).state) == list(STATE)


@pytest.mark.parametrize("key", ["model_ema", "ema", "state_dict_ema"])
@pytest.mark.parametrize(("weights", "expected"), [("auto", STATE), ("model", STATE), ("ema", OTHER)])
def test_model_and_moving_average_are_told_apart(tmp_path: Path, key: str, weights: str, expected: dict) -> None:
    content = {"model": STATE, key: {"decay": 0.99, "shadow": OTHER}}
    checkpoint = read_checkpoint(saved(tmp_path / "last.pth", content), weights)
    assert torch.equal(checkpoint.state["fc.bias"], expected["fc.bias"])
    assert checkpoint.weight_sets == ("model", "ema")
    assert "2 weight sets" in checkpoint.notices[0]


def test_a_flat_state_dict_with_a_moving_average_beside_the_model(tmp_path: Path) -> None:
    content = {
        "state_dict": {**{f"model.{k}": v for k, v in STATE.items()}, **{f"ema_model.{k}": v for k, v in OTHER.items()}}
    }
    path = saved(tmp_path / "lightning.ckpt", content)
    assert list(read_checkpoint(path).state) == ["model.fc.weight", "model.fc.bias"]
    assert torch.equal(read_checkpoint(path, "ema").state["ema_model.fc.bias"], OTHER["fc.bias"])


def test_only_a_moving_average_is_used_and_said(tmp_path: Path) -> None:
    checkpoint = read_checkpoint(saved(tmp_path / "ema.pth", {"ema": STATE}))
    assert checkpoint.weights == "ema"
    assert "only a moving average" in checkpoint.notices[0]


def test_a_weight_set_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = saved(tmp_path / "last.pth", {"model": STATE})
    with pytest.raises(CheckpointError, match="no weight set 'ema'; it has model"):
        read_checkpoint(path, "ema")


def test_weights_under_one_unknown_key_are_used_and_under_two_refused(tmp_path: Path) -> None:
    one = read_checkpoint(saved(tmp_path / "one.pth", {"teacher": STATE, "epoch": 3}))
    assert one.weights == "teacher"
    with pytest.raises(CheckpointError, match="teacher, student"):
        read_checkpoint(saved(tmp_path / "two.pth", {"teacher": STATE, "student": STATE}))


def test_the_parts_of_one_network_are_joined(tmp_path: Path) -> None:
    content = {"backbone": {"conv.weight": torch.ones(2)}, "classifier": {"weight": torch.ones(3)}, "epoch": 3}
    checkpoint = read_checkpoint(saved(tmp_path / "parts.pth", content))
    assert list(checkpoint.state) == ["backbone.conv.weight", "classifier.weight"]


def test_plain_values_beside_the_weights_do_no_harm(tmp_path: Path) -> None:
    content = {"state_dict": STATE, "args": argparse.Namespace(lr=0.1, out=Path("x")), "best": np.float64(0.5)}
    assert list(read_checkpoint(saved(tmp_path / "timm.pth", content)).state) == list(STATE)


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    path = saved(tmp_path / "last.pth", STATE)
    assert read_checkpoint(path).digest == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def test_weights_that_are_not_finite_are_counted_and_do_not_stop(tmp_path: Path) -> None:
    broken = {"a": torch.tensor([1.0, float("nan"), float("inf")]), "b": torch.ones(2), "steps": torch.tensor(3)}
    checkpoint = read_checkpoint(saved(tmp_path / "last.pth", broken))
    assert checkpoint.nonfinite == {"a": 2}
    assert checkpoint.notices == ("2 weights in 1 tensors are NaN or infinite, first in a.",)


class RunsCode:
    """A pickle of this creates a file when it is loaded."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("new_format", [True, False])
def test_a_pickle_that_would_run_code_is_refused_and_runs_nothing(tmp_path: Path, new_format: bool) -> None:
    target = tmp_path / "was here"
    content = {"model": STATE, "extra": RunsCode(target)}
    path = saved(tmp_path / "bad.pth", content, _use_new_zipfile_serialization=new_format)
    with pytest.raises(CheckpointError, match=r"mkdir.*so nothing was loaded.*save only the weights"):
        read_checkpoint(path)
    assert not target.exists()


def test_a_bare_pickle_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    target = tmp_path / "was here"
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps(RunsCode(target)))
    with pytest.raises(CheckpointError, match=r"plain pickle.*torch\.save\(model\.state_dict\(\)"):
        read_checkpoint(tmp_path / "bad.pkl")
    assert not target.exists()


def test_a_whole_pickled_network_is_refused_with_advice(tmp_path: Path) -> None:
    path = saved(tmp_path / "whole.pt", torch.nn.Sequential(torch.nn.Linear(3, 2)))
    with pytest.raises(CheckpointError, match=r"whole pickled network.*state_dict\(\)"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b"hello, this is text", "no PyTorch file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS pointer"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"PK\x03\x04 cut off", "is damaged"),
        (b"\x00" * 300, "no PyTorch file|no file that PyTorch wrote"),
    ],
)
def test_foreign_files_are_named(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "last.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=expected):
        read_checkpoint(path)


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.98])
@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
def test_a_file_that_was_cut_off_is_told(tmp_path: Path, kind: str, kept: float) -> None:
    path = tmp_path / f"last.{kind}"
    state = {"weight": torch.randn(64, 64)}
    if kind == "safetensors":
        safetensors.torch.save_file(state, path)
    else:
        saved(path, state, _use_new_zipfile_serialization=kind == "zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(CheckpointError, match="damaged"):
        read_checkpoint(path)


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        read_checkpoint(tmp_path / "none.pth")
    with pytest.raises(CheckpointError, match="is a directory"):
        read_checkpoint(tmp_path)


def test_a_zip_archive_that_is_no_checkpoint(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("folder/readme.txt", "hello")
    (tmp_path / "x.pt").write_bytes(buffer.getvalue())
    with pytest.raises(CheckpointError, match="zip archive without PyTorch weights"):
        read_checkpoint(tmp_path / "x.pt")


@pytest.mark.parametrize("content", [torch.ones(3), [torch.ones(3)], {"epoch": 3}, {}, 7])
def test_content_without_weights_is_described(tmp_path: Path, content: object) -> None:
    with pytest.raises(CheckpointError, match=r"holds .* and no weights"):
        read_checkpoint(saved(tmp_path / "x.pt", content))


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
def test_any_damage_gives_weights_or_a_clear_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "last.pth"
    state = {"weight": torch.zeros(8, 8)}
    if kind == "safetensors":
        safetensors.torch.save_file(state, path)
    else:
        saved(path, state, _use_new_zipfile_serialization=kind == "zip")
    whole, noise = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        damaged = bytearray(whole)
        for position in noise.integers(0, len(whole), 4):
            damaged[position] = noise.integers(256)
        path.write_bytes(damaged)
        try:
            read_checkpoint(path)
        except CheckpointError:
            refused += 1
    assert refused > 10
