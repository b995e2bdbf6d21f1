"""What a checkpoint file is, told by its content and not by its suffix."""

import zipfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from analysis.errors import CheckpointError

FOREIGN: Mapping[bytes, str] = {
    b"version https://git-lfs": "a Git LFS pointer, not the weights themselves; fetch them with `git lfs pull`",
    b"<!DOCTYPE html": "a web page, not weights; the download went wrong",
    b"<html": "a web page, not weights; the download went wrong",
    b"\x89HDF": "an HDF5 file (Keras); convert it to a PyTorch state dict",
}


class FileKind(StrEnum):
    """The kinds of files that hold weights."""

    STATE_DICT = "state_dict"
    SAFETENSORS = "safetensors"
    TORCHSCRIPT = "torchscript"
    EXPORTED = "exported"


def file_kind(path: Path) -> FileKind:
    """Tell what a checkpoint file holds.

    Args:
        path: The file.

    Returns:
        The kind; `STATE_DICT` for everything that `torch.load` may be able to read.

    Raises:
        CheckpointError: If the file is missing, a directory, empty, not readable, or clearly something else.
    """
    start = _first_bytes(path)
    foreign = next((meaning for magic, meaning in FOREIGN.items() if start.startswith(magic)), None)
    if foreign is None and start.startswith(b"\x08") and (path.suffix == ".onnx" or b"pytorch" in start):
        foreign = "an ONNX file, not weights that PyTorch reads; save a state dict"
    if foreign:
        raise CheckpointError(f"The checkpoint {path} is {foreign}.")
    if start.startswith(b"PK"):
        return _kind_of_archive(path)
    if path.suffix == ".safetensors" or start[8:9] == b"{":  # eight bytes of length, then a JSON header
        return FileKind.SAFETENSORS
    return FileKind.STATE_DICT


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise CheckpointError(f"The checkpoint {path} is a directory; expected a file with weights.")
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except FileNotFoundError:
        raise CheckpointError(
            f"The checkpoint {path} does not exist. Check `checkpoint` in the investigation file."
        ) from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"The checkpoint {path} cannot be read: {error}.") from error
    if not start:
        raise CheckpointError(f"The checkpoint {path} is empty (0 bytes). Copy it again from where it was written.")
    return start


def _kind_of_archive(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.partition("/")[2] or name for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"The checkpoint {path} is damaged ({error}); most likely it was cut off while copying. "
            f"It has {path.stat().st_size:,} bytes: compare with the original and copy it again."
        ) from error
    if "constants.pkl" in names and any(name.startswith("code/") for name in names):
        return FileKind.TORCHSCRIPT
    if any(name in ("archive_format", "serialized_exported_program.json") for name in names):
        return FileKind.EXPORTED
    if "data.pkl" not in names:
        raise CheckpointError(
            f"The checkpoint {path} is a zip archive without PyTorch weights; expected a state dict. "
            "If the checkpoint lies inside it, unpack it first."
        )
    return FileKind.STATE_DICT
