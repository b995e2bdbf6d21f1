"""From uint8 pixels to logits in the grouped order, and to embeddings."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy

import torch
from torch import nn

from analysis.datasets.preprocessing import Preprocessing
from analysis.errors import ArchitectureError
from analysis.inference.batch_norm_folding import folded
from analysis.inference.batch_size import is_out_of_memory
from analysis.inference.moving import move
from analysis.inference.precision import FORMATS, Precision, autocast
from analysis.models.embedding_tap import EmbeddingTap
from analysis.models.head import Head
from analysis.models.probe import logits_of
from analysis.reducers.column_groups import ColumnGroups

FLOAT16_MAX = 65504.0
PICTURES_AT_ONCE = 32
"""Rows below the head at a time on a CPU, so that intermediate results stay small; the head itself wants many rows."""


class Network:
    """A model on its device, for as long as `opened` lasts.

    Where the model ends in a plain linear head, the head is taken off, its rows are put in the grouped order once, and
    every batch of logits is written into the same memory. Otherwise the logits are permuted batch by batch.

    n: pictures of a batch; C: outputs; D: embedding dimensions.
    """

    def __init__(
        self,
        *,
        tap: EmbeddingTap,
        head: "GroupedHead | None",
        columns: ColumnGroups,
        normalisation: "Normalisation",
        precision: Precision,
        device: torch.device,
        fixed: int | None,
    ) -> None:
        self._fixed = fixed
        self._tap = tap
        self._head = head
        self._columns = columns
        self._normalisation = normalisation
        self._precision = precision
        self._device = device

    def __call__(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Send a batch through.

        Args:
            pixels: (n, height, width, channels) uint8.

        Returns:
            Logits (n, C) float32 in the grouped order, in memory that the next call overwrites, and the embedding
            (n, D) float16 (beyond ±65504: that), or None where the network hides it.

        Raises:
            ArchitectureError: The network fails on such input, for another reason than memory.
        """
        try:
            with torch.inference_mode():
                return self._forward(pixels.to(self._device, non_blocking=True))
        except (RuntimeError, ValueError, TypeError, AssertionError, IndexError) as error:
            if is_out_of_memory(error):
                raise
            raise _refusal(error, pixels) from error

    def with_normalisation(self, normalisation: "Normalisation") -> "Network":
        """The same opened network for pictures that are normalised otherwise; valid as long as this one."""
        other = copy(self)
        other._normalisation = normalisation
        return other

    def _forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        if self._head is not None and self._fixed is None:
            embedding = self._embeddings(pixels)
            return self._head(embedding), _half(embedding)
        output, tapped = self._below(pixels if self._fixed is None else _padded(pixels, self._fixed))
        output, tapped = output[: len(pixels)], None if tapped is None else tapped[: len(pixels)]
        return self._grouped(output), None if tapped is None else _half(tapped)

    def _below(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        pictures = self._normalisation(pixels)
        with autocast(self._precision, self._device):
            return self._tap(pictures)

    def _embeddings(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, D) float32: the output of a network whose head was taken off."""
        rows = PICTURES_AT_ONCE if self._device.type == "cpu" else max(1, len(pixels))
        return torch.cat([self._below(some)[0].float() for some in torch.split(pixels, rows)])

    def _grouped(self, output: torch.Tensor) -> torch.Tensor:
        logits = self._columns.permute(output.float())
        return logits.clone() if logits.data_ptr() == output.data_ptr() else logits


class GroupedHead:
    """A linear head whose rows stand in the grouped order; it reuses the memory of its logits."""

    def __init__(self, layer: nn.Linear, columns: ColumnGroups) -> None:
        weight = layer.weight.detach().float()
        bias = torch.zeros_like(weight[:, 0]) if layer.bias is None else layer.bias.detach().float()
        self._weight = weight if columns.order is None else weight[columns.order]
        self._bias = bias if columns.order is None else bias[columns.order]
        self._logits = torch.empty((0, len(weight)), device=weight.device)

    def __call__(self, embedding: torch.Tensor) -> torch.Tensor:
        """Logits (n, C) of embeddings (n, D), both float32."""
        if len(self._logits) < len(embedding):
            self._logits = torch.empty((len(embedding), len(self._bias)), device=embedding.device)
        return torch.addmm(self._bias, embedding, self._weight.T, out=self._logits[: len(embedding)])


class Normalisation:
    """(pixel / 255 − mean) / std, channel by channel, on the device; the result is channels-last."""

    def __init__(self, preprocessing: Preprocessing, device: torch.device) -> None:
        mean, std = torch.tensor(preprocessing.mean).double(), torch.tensor(preprocessing.std).double()
        self._scale = (1.0 / (255.0 * std)).float().to(device)
        self._shift = (-mean / std).float().to(device)

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, channels, height, width) float32 from (n, height, width, channels) uint8."""
        return pixels.float().mul_(self._scale).add_(self._shift).permute(0, 3, 1, 2)


@contextmanager
def opened(
    module: nn.Module,
    head: Head | None,
    *,
    columns: ColumnGroups,
    preprocessing: Preprocessing,
    precision: Precision,
    device: torch.device,
    fixed: int | None = None,
) -> Iterator[Network]:
    """Put a model on its device, tap or take off its head, and leave it as it was afterwards.

    Args:
        module: In evaluation mode.
        head: Where the head is, or None.
        columns: The order of the logits wanted, on the same device.
        preprocessing: Mean and std.
        precision: Format of the forward pass; where a half format was asked for, of the head, too.
        device: Where to.
        fixed: The only batch size a compiled program takes; smaller batches are filled up with black pictures.
    """
    move(module, device)
    with ExitStack() as stack:
        own_logits = precision in FORMATS  # the whole network in a half format, logits included
        grouped = None if own_logits else stack.enter_context(_taken_off(module, head, columns))
        normalisation = Normalisation(preprocessing, device)
        if device.type == "cpu" and precision == "fp32":
            stack.enter_context(folded(module, _forward_of_noise(module, normalisation, preprocessing)))
        tap = stack.enter_context(EmbeddingTap(module, None if grouped else head))
        yield Network(
            tap=tap,
            head=grouped,
            columns=columns,
            normalisation=normalisation,
            precision=precision,
            device=device,
            fixed=fixed,
        )


@contextmanager
def _taken_off(module: nn.Module, head: Head | None, columns: ColumnGroups) -> Iterator[GroupedHead | None]:
    """Replace a final linear head by the identity, so that the network's output is the embedding."""
    layer = module.get_submodule(head.name) if head is not None and head.is_final_linear and head.name else None
    if head is None or type(layer) is not nn.Linear:
        yield None
        return
    parent_name, _, name = head.name.rpartition(".")
    parent = module.get_submodule(parent_name)
    setattr(parent, name, nn.Identity())
    try:
        yield GroupedHead(layer, columns)
    finally:
        setattr(parent, name, layer)


def _forward_of_noise(
    module: nn.Module, normalisation: Normalisation, preprocessing: Preprocessing
) -> Callable[[], torch.Tensor]:
    shape = (1, *preprocessing.input_size, preprocessing.channel_count)
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))

    def forward() -> torch.Tensor:
        with torch.inference_mode():
            return logits_of(module(normalisation(pixels)), 1).clone()

    return forward


def _padded(pixels: torch.Tensor, rows: int) -> torch.Tensor:
    return (
        pixels if len(pixels) >= rows else torch.cat([pixels, pixels.new_zeros(rows - len(pixels), *pixels.shape[1:])])
    )


def _half(embedding: torch.Tensor) -> torch.Tensor:
    return embedding.float().clamp(-FLOAT16_MAX, FLOAT16_MAX).half()


def _refusal(error: Exception, pixels: torch.Tensor) -> ArchitectureError:
    height, width, channels = pixels.shape[1:]
    reason = " ".join(str(error).split())[:300]
    return ArchitectureError(
        f"The network fails on pictures of {height}×{width} with {channels} channels: {reason} "
        "Check input_size and channels in [preprocessing] against what it was trained with."
    )
