"""Read what a checkpoint file holds without running code from it."""

import argparse
import pathlib
import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy._core import multiarray

from analysis.errors import CheckpointError

# Training scripts keep these beside the weights; they hold plain values and run nothing when they are rebuilt.
PLAIN_CLASSES: tuple[Any, ...] = (
    argparse.Namespace,
    pathlib.PosixPath,
    (pathlib.PosixPath, "pathlib._local.PosixPath"),  # as Python 3.13 calls it
    np.dtype,
    np.ndarray,
    multiarray.scalar,
    (multiarray.scalar, "numpy.core.multiarray.scalar"),
    multiarray._reconstruct,
    (multiarray._reconstruct, "numpy.core.multiarray._reconstruct"),
    *(type(np.dtype(kind)) for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?")),
)
CONVERT = (
    "Where you trust the file, load it there and save only the weights: "
    'torch.save(model.state_dict(), "weights.pth"), or safetensors.torch.save_file.'
)


def read_torch_file(path: Path) -> Any:
    """Read a file written by `torch.save`; tensors and plain values only.

    Args:
        path: The file, zip or legacy format.

    Returns:
        What was saved, tensors on the CPU.

    Raises:
        CheckpointError: If the file is damaged, no PyTorch file, or a pickle that would run code.
    """
    try:
        with torch.serialization.safe_globals(list(PLAIN_CLASSES)), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _unsafe_or_foreign(path, str(error)) from error
    except Exception as error:  # torch raises nearly anything for a damaged file
        raise CheckpointError(
            f"The checkpoint {path} cannot be read: {_one_line(error)} It is damaged, cut off, or no PyTorch file."
        ) from error


def read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    """Read a safetensors file.

    Args:
        path: The file.

    Returns:
        The tensors by name, on the CPU.

    Raises:
        CheckpointError: If the file is damaged or no safetensors file.
    """
    from safetensors.torch import load_file

    try:
        return dict(load_file(path, device="cpu"))
    except Exception as error:
        raise CheckpointError(
            f"The checkpoint {path} cannot be read as safetensors: {_one_line(error)} It is damaged or cut off."
        ) from error


def _unsafe_or_foreign(path: Path, message: str) -> CheckpointError:
    names = _unsafe_names(path, message)
    if any(name.startswith("torch.nn.modules.") for name in names):
        return CheckpointError(
            f"The checkpoint {path} is a whole pickled network ({names[0]}), not its weights; loading it would run "
            f"code, so it was not loaded. {CONVERT}"
        )
    if names:
        return CheckpointError(
            f"The checkpoint {path} holds Python objects beside the weights ({', '.join(names[:5])}); loading them "
            f"could run code, so nothing was loaded. {CONVERT}"
        )
    if _is_pickle(path):
        return CheckpointError(
            f"The checkpoint {path} is a plain pickle, which can run code when it is loaded, so it was not loaded. "
            f"{CONVERT}"
        )
    return CheckpointError(
        f"The checkpoint {path} is no file that PyTorch wrote, or it is damaged; expected a state dict."
    )


def _is_pickle(path: Path) -> bool:
    """Tell by the first two bytes: the opcode PROTO and a protocol from 2 to 5."""
    with path.open("rb") as file:
        head = file.read(2)
    return len(head) == 2 and head[0] == 0x80 and 2 <= head[1] <= 5


def _unsafe_names(path: Path, message: str) -> list[str]:
    """Return the Python objects a pickle asks for and that are not known to be plain values."""
    found = re.findall(r"(?:GLOBAL|class|function) ([A-Za-z_][\w.]*\.[\w.]+)", message)
    try:
        with torch.serialization.safe_globals(list(PLAIN_CLASSES)):
            found = torch.serialization.get_unsafe_globals_in_checkpoint(path) or found
    except Exception:  # legacy files cannot be listed; the message itself has to do
        pass
    return sorted({name for name in found if not name.startswith("torch.serialization")}, key=_modules_last)


def _modules_last(name: str) -> tuple[bool, str]:
    """Sort the user's own class before torch's building blocks."""
    return (name.startswith("torch.nn.modules."), name)


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}".rstrip(".") + "."
