"""The layers that could be a head, and what they took and gave in one forward pass."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

NO_HEADS = (torch.nn.Embedding, torch.nn.LayerNorm, torch.nn.Conv1d, torch.nn.Conv3d, torch.nn.Bilinear)
WEIGHT_NAMES = ("weight", "kernel", "prototypes", "centers", "W")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCall:
    """A layer with one output a class, as called.

    Attributes:
        name: The layer's name in the network.
        layer: The layer.
        weight_name: The name of its weight within the layer.
        weight: (C, D), or (C, D, 1, 1) for a 1×1 convolution.
        bias: (C,) or None.
        input: (N, D), (N, …, D), or (N, D, height, width) for a convolution.
        output: (N, C), (N, …, C), or (N, C, height, width).
    """

    name: str
    layer: torch.nn.Module
    weight_name: str
    weight: torch.Tensor
    bias: torch.Tensor | None
    input: torch.Tensor
    output: torch.Tensor


def layer_calls(module: torch.nn.Module, pictures: torch.Tensor, outputs: int) -> list[LayerCall]:
    """Send pictures through a network and note what each layer with C outputs took and gave.

    Args:
        module: The network, in evaluation mode.
        pictures: (N, channels, height, width).
        outputs: Number of outputs C.

    Returns:
        The calls in the order they were made; none where the program hides its layers.
    """
    if isinstance(module, torch.jit.ScriptModule | torch.fx.GraphModule):
        return []
    calls: list[LayerCall] = []
    hooks = [
        layer.register_forward_hook(partial(_note, calls, (name, weight_name)))
        for name, layer, weight_name in _candidates(module, outputs)
    ]
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module(pictures)
    finally:
        for hook in hooks:
            hook.remove()
    return calls


def unit_rows(matrix: torch.Tensor) -> torch.Tensor:
    """Return the rows of a matrix scaled to length 1; rows of zeros stay."""
    return torch.nn.functional.normalize(matrix.float(), dim=1)


def _candidates(module: torch.nn.Module, outputs: int) -> Iterator[tuple[str, torch.nn.Module, str]]:
    for name, layer in module.named_modules():
        if isinstance(layer, NO_HEADS):
            continue
        for weight_name in WEIGHT_NAMES:
            weight = getattr(layer, weight_name, None)
            if isinstance(weight, torch.Tensor) and _one_row_a_class(weight, outputs):
                yield name, layer, weight_name
                break


def _one_row_a_class(weight: torch.Tensor, outputs: int) -> bool:
    return len(weight.shape) in (2, 4) and len(weight) == outputs and weight[0].numel() == weight.shape[1]


def _note(
    calls: list[LayerCall], names: tuple[str, str], layer: torch.nn.Module, inputs: tuple[Any, ...], output: Any
) -> None:
    """Note one call; `names` are the layer's own and its weight's."""
    name, weight_name = names
    if not inputs or not isinstance(inputs[0], torch.Tensor) or not isinstance(output, torch.Tensor):
        return
    weight, bias = getattr(layer, weight_name), getattr(layer, "bias", None)
    width = inputs[0].shape[1 if isinstance(layer, torch.nn.Conv2d) else -1]
    if width == weight.shape[1]:
        calls.append(
            LayerCall(
                name=name,
                layer=layer,
                weight_name=weight_name,
                weight=weight,
                bias=bias if isinstance(bias, torch.Tensor) else None,
                input=inputs[0].clone(),  # later layers may work in place
                output=output.clone(),
            )
        )
