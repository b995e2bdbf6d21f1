"""Where the network runs."""

import torch

from analysis.errors import SpecError


def choose_device(name: str) -> torch.device:
    """Pick the device.

    Args:
        name: auto (CUDA, then MPS, then CPU) | cpu | cuda | cuda:N | mps.

    Raises:
        SpecError: This machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu")
    device = torch.device(name)
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise SpecError(f"device {name!r} was asked for; this machine has {count} CUDA devices. {_instead()}")
    if device.type == "mps" and not _has_mps():
        raise SpecError(f"device 'mps' was asked for; this machine has none. {_instead()}")
    return device


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def _instead() -> str:
    return "Use auto, cpu" + (", cuda" if torch.cuda.is_available() else "") + (", mps." if _has_mps() else ".")
