"""How many pictures at once, and what tells that they were too many."""

import math

import torch

PIXELS = 800_000  # 64 pictures of 112 × 112; beyond 256 small ones, intermediate results outgrow what malloc reuses
CUDA_PIXELS = 13_000_000  # 256 pictures of 224 × 224
LOGITS = 32_000_000  # 128 MB of float32
LIMITS = (8, 256)

OUT_OF_MEMORY = (
    "out of memory", "can't allocate memory", "not enough memory", "alloc_cpu", "unable to allocate", "alloc_failed",
)  # fmt: skip  # the last is what cuBLAS and cuDNN say


def automatic_batch_size(input_size: tuple[int, int], outputs: int, device: torch.device) -> int:
    """A power of two that fills the cores without filling the memory.

    Args:
        input_size: (height, width) of the network's input.
        outputs: C, so that a batch of logits stays small.
        device: Where the network runs.
    """
    pixels = CUDA_PIXELS if device.type == "cuda" else PIXELS
    size = min(pixels / (input_size[0] * input_size[1]), LOGITS / max(1, outputs))
    return int(min(LIMITS[1], max(LIMITS[0], 2 ** math.floor(math.log2(max(size, 1.0))))))


def is_out_of_memory(error: BaseException) -> bool:
    """Tell a batch that did not fit from any other failure."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in OUT_OF_MEMORY)
