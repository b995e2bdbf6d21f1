"""Devices, precision and batch sizes: what is chosen, and what is said where it cannot be."""

import pytest
import torch

from analysis.errors import SpecError
from analysis.inference.batch_size import automatic_batch_size, is_out_of_memory
from analysis.inference.batches import choose_workers
from analysis.inference.devices import choose_device
from analysis.inference.precision import choose_precision

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def without_accelerators(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_auto_takes_what_there_is(monkeypatch):
    without_accelerators(monkeypatch)
    assert choose_device("auto") == CPU
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device("auto").type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == "cuda"


@pytest.mark.parametrize("name", ["cuda", "cuda:3", "mps"])
def test_a_device_that_is_not_there_is_an_error_that_names_the_others(monkeypatch, name):
    without_accelerators(monkeypatch)
    with pytest.raises(SpecError, match=rf"device '{name}' was asked for; this machine has .* Use auto, cpu"):
        choose_device(name)


def test_a_cuda_number_beyond_the_last_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(SpecError, match="this machine has 2 CUDA devices"):
        choose_device("cuda:2")


def test_half_formats_are_never_silent_on_the_cpu(monkeypatch):
    assert choose_precision("auto", CPU) == choose_precision("auto", torch.device("mps")) == "fp32"
    assert choose_precision("bf16", CPU) == "bf16"
    for supported, expected in ((True, "bf16 body"), (False, "fp16 body")):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda supported=supported: supported)
        assert choose_precision("auto", CUDA) == expected


@pytest.mark.parametrize(
    ("input_size", "outputs", "device", "expected"),
    [
        ((112, 112), 10, CPU, 32),
        ((32, 32), 8_000, CPU, 256),
        ((224, 224), 1_000, CPU, 8),
        ((32, 32), 200_000, CPU, 128),
        ((224, 224), 1_000, CUDA, 256),
        ((2_000, 2_000), 5, CPU, 8),
    ],
)
def test_automatic_batch_size_is_a_power_of_two_that_fits(input_size, outputs, device, expected):
    assert automatic_batch_size(input_size, outputs, device) == expected


def test_out_of_memory_is_told_from_other_failures():
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"))
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_decoding_processes_are_for_cuda_unless_asked_for():
    assert choose_workers("auto", CPU) == 0
    assert choose_workers(3, CPU) == 3
    assert 1 <= choose_workers("auto", CUDA) <= 16
