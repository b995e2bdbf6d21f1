"""The queue a job waits in: one for each device, so that two jobs never share a graphics card by accident."""

import os
import platform
from pathlib import Path

LIMIT = "FAULTLINE_JOBS_PER_DEVICE"
_CARDS = (("/proc/driver/nvidia/gpus", "*"), ("/dev", "nvidia[0-9]*"), ("/dev", "dxg"))  # the last: Windows' Linux


def queue_of(device: str) -> str:
    """The queue of an ``[inference] device``, such as ``cpu``, ``mps`` or ``cuda:0``.

    `auto` is decided as the run itself will: a CUDA card, else Apple's, else the processor. torch would know for
    certain, but takes seconds to load; the driver's folder tells as much.
    """
    if device == "cuda":
        return "cuda:0"
    if device != "auto":
        return device
    if any(any(Path(folder).glob(name)) for folder, name in _CARDS) and os.environ.get(
        "CUDA_VISIBLE_DEVICES", "0"
    ) not in ("", "-1"):
        return "cuda:0"
    return "mps" if (platform.system(), platform.machine()) == ("Darwin", "arm64") else "cpu"


def jobs_per_device() -> int:
    """How many jobs may be at work on one device: FAULTLINE_JOBS_PER_DEVICE, else one; nonsense counts as one."""
    text = os.environ.get(LIMIT, "").strip()
    return max(1, int(text)) if text.isascii() and text.isdigit() else 1
