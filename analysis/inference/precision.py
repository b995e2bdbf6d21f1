"""Which number format the network computes in; logits are float32 afterwards in every case."""

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

Precision = Literal["fp32", "bf16", "fp16", "bf16 body", "fp16 body"]
"""A half format for the whole network, as a person asked for, or for all but its head, which is what "auto" takes:
logits far from zero lose what tells classes apart."""
FORMATS: dict[str, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


def choose_precision(asked: Literal["auto", "fp32", "bf16", "fp16"], device: torch.device) -> Precision:
    """Resolve "auto": half formats on CUDA, float32 everywhere else, because they move predictions."""
    if asked != "auto":
        return asked
    if device.type != "cuda":
        return "fp32"
    return "bf16 body" if torch.cuda.is_bf16_supported() else "fp16 body"


def autocast(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """The context a forward pass runs in."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, dtype=FORMATS[precision.partition(" ")[0]])
