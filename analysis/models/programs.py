"""Networks that come with their own program: TorchScript and exported programs."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.fx import GraphModule

from analysis.errors import CheckpointError
from analysis.models.program_check import check_exported


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedShape:
    """What an exported program was fixed to: batch size, and height and width in pixels; None where it is free."""

    batch_size: int | None
    input_size: tuple[int, int] | None


def accepted_shape(module: torch.nn.Module) -> AcceptedShape:
    """Return what a program was fixed to; only exported programs are."""
    shape: tuple[object, ...] = ()
    if isinstance(module, GraphModule):
        inputs = [node.meta.get("val") for node in module.graph.nodes if node.op == "placeholder"]
        shape = tuple(inputs[0].shape) if inputs and isinstance(inputs[0], torch.Tensor) else ()
    fixed = [size if isinstance(size, int) else None for size in shape]
    if len(fixed) != 4:
        return AcceptedShape(batch_size=None, input_size=None)
    height, width = fixed[2], fixed[3]
    return AcceptedShape(batch_size=fixed[0], input_size=(height, width) if height and width else None)


def load_torchscript(path: Path) -> torch.nn.Module:
    """Load a TorchScript program onto the CPU, in evaluation mode.

    Args:
        path: A file written by `torch.jit.save`.

    Returns:
        The program.

    Raises:
        CheckpointError: If the file is damaged or was written by an incompatible version.
    """
    try:
        with _quiet():  # torch announces the end of TorchScript; the files are still about
            return torch.jit.load(str(path), map_location="cpu").eval()  # type: ignore[no-any-return, no-untyped-call]
    except Exception as error:
        raise CheckpointError(f"The TorchScript program {path} cannot be loaded: {_one_line(error)}") from error


def load_exported(path: Path) -> torch.nn.Module:
    """Load an exported program (.pt2) onto the CPU.

    Args:
        path: A file written by `torch.export.save`.

    Returns:
        The program; it was fixed in its mode when it was exported.

    Raises:
        CheckpointError: If the file is damaged, could run code, or was written by an incompatible version.
    """
    check_exported(path)
    try:
        with _quiet():
            return torch.export.load(path).module()
    except Exception as error:
        raise CheckpointError(f"The exported program {path} cannot be loaded: {_one_line(error)}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch's own warnings and tracebacks from the terminal; what matters is raised."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300].rstrip(".") + "."
