"""One tiny forward pass, to learn what a network takes and gives."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from analysis.errors import ArchitectureError

SIZES = ((224, 224), (32, 32), (28, 28), (64, 64), (96, 96), (128, 128), (256, 256), (299, 299), (384, 384))
BATCH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a network takes and gives.

    Attributes:
        pictures: (2, channels, height, width) float32 noise that the network accepts.
        logits: (2, C) what it gave.
    """

    pictures: torch.Tensor
    logits: torch.Tensor

    @property
    def outputs(self) -> int:
        """Number of outputs C."""
        return int(self.logits.shape[1])

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width in pixels that the network accepts."""
        return int(self.pictures.shape[2]), int(self.pictures.shape[3])


def probe(module: torch.nn.Module, input_size: tuple[int, int] | None = None, batch: int = BATCH) -> Probe:
    """Send noise through a network.

    Args:
        module: The network, in evaluation mode.
        input_size: Height and width in pixels; None tries the usual sizes, 224 × 224 first.
        batch: Number of noise pictures, for programs that take only one number.

    Returns:
        What the first accepted size gave.

    Raises:
        ArchitectureError: If no size is accepted, or the network gives no (N, C) logits.
    """
    failure: Exception | None = None
    for shape in _shapes(module, input_size):
        pictures = torch.randn((batch, *shape), generator=torch.Generator().manual_seed(0))
        try:
            logits = forward(module, pictures)
        except ArchitectureError:
            raise
        except Exception as error:
            failure = failure or error
            continue
        return Probe(pictures=pictures, logits=logits)
    size = f"{input_size[0]} × {input_size[1]} px" if input_size else "any usual size"
    raise ArchitectureError(
        f"The network fails on pictures of {size}: {type(failure).__name__}: {' '.join(str(failure).split())[:300]}. "
        "Set `input_size` and `channels` in [preprocessing] to what it was trained with."
    )


def forward(module: torch.nn.Module, pictures: torch.Tensor) -> torch.Tensor:
    """Return the logits (N, C) of pictures (N, channels, height, width), without gradients."""
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return logits_of(module(pictures), len(pictures))


def logits_of(output: Any, samples: int) -> torch.Tensor:
    """Find the logits in what a network returns.

    Args:
        output: A tensor, a tuple or list with one, a mapping or object with `logits`, or a mapping with one tensor.
        samples: Number of pictures N that went in.

    Returns:
        Logits (N, C).

    Raises:
        ArchitectureError: If there is no tensor of shape (N, C) in it.
    """
    for tensor in _tensors(output):
        fully_convolutional = tensor.ndim > 2 and tensor[0].numel() == tensor.shape[1]  # (N, C, 1, 1)
        candidate = tensor.flatten(1) if fully_convolutional else tensor
        if candidate.ndim == 2 and len(candidate) == samples:
            return candidate
    shapes = [list(tensor.shape) for tensor in _tensors(output)]
    raise ArchitectureError(
        f"The network gives {type(output).__name__} of shape {shapes}; expected logits, one row a picture and one "
        "column a class. Wrap it in a FILE.py:FUNCTION that returns the logits."
    )


def _tensors(output: Any) -> Iterator[torch.Tensor]:
    if isinstance(output, torch.Tensor):
        yield output
    elif isinstance(output, Mapping):
        yield from (
            value for key, value in sorted(output.items(), key=lambda item: item[0] != "logits") if _tensor(value)
        )
    elif _tensor(getattr(output, "logits", None)):
        yield output.logits
    elif isinstance(output, tuple | list):
        yield from (value for value in output if _tensor(value))


def _tensor(value: object) -> bool:
    return isinstance(value, torch.Tensor)


def _shapes(module: torch.nn.Module, input_size: tuple[int, int] | None) -> Iterator[tuple[int, int, int]]:
    first = next((layer.in_channels for layer in module.modules() if isinstance(layer, torch.nn.Conv2d)), None)
    for size in (input_size,) if input_size else SIZES:
        for channels in (first,) if first else (3, 1):
            yield channels, *size
