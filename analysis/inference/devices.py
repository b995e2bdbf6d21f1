"""Where the network runs."""

import torch

from analysis.errors import SpecError


def choose_device(name: str) -> torch.device:
    """Pick the device; from then on float32 is float32 there.

    Args:
        name: auto (CUDA, then MPS, then CPU) | cpu | cuda | cuda:N | mps.

    Raises:
        SpecError: This machine has no such device.
    """
    is_free = name == "auto"
    device = torch.device(
        ("cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu") if is_free else name
    )
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if not is_free and (device.index or 0) >= count:
            raise SpecError(f"device {name!r} was asked for; this machine has {count} CUDA devices. {_instead()}")
        _refuse_tf32()
    if device.type == "mps" and not _has_mps():
        raise SpecError(f"device 'mps' was asked for; this machine has none. {_instead()}")
    return device


def _refuse_tf32() -> None:
    """By default convolutions keep 10 of float32's 23 bits; which pictures share a batch would then move the answer."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def _instead() -> str:
    return "Use auto, cpu" + (", cuda" if torch.cuda.is_available() else "") + (", mps." if _has_mps() else ".")
