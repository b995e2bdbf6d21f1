"""The head: the last layer, one output a class. Its input is the embedding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from analysis.arrays import FloatArray
from analysis.models.head_layers import LayerCall, layer_calls, unit_rows
from analysis.models.probe import Probe, probe

HeadKind = Literal["linear", "conv1x1", "cosine"]
HALF = frozenset({torch.float16, torch.bfloat16})
HALF_TOLERANCE = 1e-2  # bfloat16 keeps eight bits
TOLERANCE = 1e-4  # of the largest value: float32 sums differ in their last digits, whatever their scale


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPlace:
    """Where the head is in a network.

    Attributes:
        name: The layer's name in the network, such as `fc` or `head.fc`; empty where the network is the layer.
        kind: `linear`; `conv1x1`, whose embedding is pooled over positions; `cosine`, which compares directions.
        weight_name: The name of its weight in the state dict.
        bias_name: The name of its bias, or None.
        scale: What a cosine head multiplies its cosines with, or None.
        is_final_linear: True where logits = weight · embedding + bias and nothing follows, seen in a forward pass:
            then rows may be exchanged or biases moved instead of logits.
        can_tap: False where the program hides its layers: the weights are known, embeddings are not.
    """

    name: str
    kind: HeadKind
    weight_name: str
    bias_name: str | None
    scale: float | None
    is_final_linear: bool
    can_tap: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head and its weights.

    Attributes:
        place: Where it is.
        weight: (C, D) float32, one row a class; as stored, also where a cosine head scales rows to length 1.
        bias: (C,) float32, or None.
    """

    place: HeadPlace
    weight: FloatArray
    bias: FloatArray | None

    @property
    def name(self) -> str:
        """The layer's name in the network."""
        return self.place.name

    @property
    def kind(self) -> HeadKind:
        """`linear`, `conv1x1` or `cosine`."""
        return self.place.kind

    @property
    def is_final_linear(self) -> bool:
        """True where logits = weight · embedding + bias and nothing follows."""
        return self.place.is_final_linear

    @property
    def can_tap(self) -> bool:
        """True where embeddings can be had."""
        return self.place.can_tap


def find_head(module: torch.nn.Module, outputs: int, *, input_size: tuple[int, int] | None = None) -> Head | None:
    """Find the head of a network by its structure.

    Args:
        module: The network, in evaluation mode.
        outputs: Number of outputs C.
        input_size: Height and width in pixels of a picture it accepts; None tries the usual ones.

    Returns:
        The head, or None where no layer with one output a class is seen in a forward pass.

    Raises:
        ArchitectureError: If the network accepts no pictures.
    """
    seen = probe(module, input_size)
    place = locate_head(module, seen) if seen.outputs == outputs else None
    return read_head(module, place) if place else None


def locate_head(module: torch.nn.Module, seen: Probe) -> HeadPlace | None:
    """Find where the head is: the last layer with C outputs, preferring one whose outputs are the logits.

    Args:
        module: The network, in evaluation mode.
        seen: A forward pass of it.

    Returns:
        The place, or None.
    """
    calls = layer_calls(module, seen.pictures, seen.outputs)
    with torch.inference_mode():
        places = [(call, place) for call in calls if (place := _place(call, seen.logits))]
        final = [place for call, place in places if _gives(call, seen.logits)]
    if not places:
        return None
    return (final or [place for _, place in places])[-1]


def read_head(module: torch.nn.Module, place: HeadPlace) -> Head:
    """Return the head with a copy of its weights.

    Args:
        module: The network the place was found in; other weights may have been loaded since.
        place: Where the head is.
    """
    layer = module.get_submodule(place.name)
    weight = getattr(layer, place.weight_name.rpartition(".")[2])
    return _head(place, weight, getattr(layer, "bias", None) if place.bias_name else None)


def head_in_state(state: Mapping[str, torch.Tensor], outputs: int) -> Head | None:
    """Find the head's weights where the program hides its layers.

    Args:
        state: The program's tensors by name.
        outputs: Number of outputs C.

    Returns:
        The only matrix with C rows, with its bias; None where there is none or more than one.
    """
    names = [
        name
        for name, tensor in state.items()
        if name.endswith("weight")
        and len(tensor) == outputs
        and tensor.ndim in (2, 4)
        and tensor[0].numel() == tensor.shape[1]
    ]
    if len(names) != 1:
        return None
    bias_name = names[0].removesuffix("weight") + "bias"
    place = HeadPlace(
        name=names[0].removesuffix(".weight"),
        kind="linear" if state[names[0]].ndim == 2 else "conv1x1",
        weight_name=names[0],
        bias_name=bias_name if bias_name in state else None,
        scale=None,
        is_final_linear=False,
        can_tap=False,
    )
    return _head(place, state[names[0]], state.get(bias_name))


def _place(call: LayerCall, logits: torch.Tensor) -> HeadPlace | None:
    if _is_linear(call):
        kind: HeadKind = "linear"
        scale = None
    elif (scale := _cosine_scale(call)) is not None:
        kind = "cosine"
    elif isinstance(call.layer, torch.nn.Conv2d):
        kind = "conv1x1"
    else:
        return None
    prefix = f"{call.name}." if call.name else ""
    plain = isinstance(call.layer, torch.nn.Linear) and call.layer.weight is call.weight
    return HeadPlace(
        name=call.name,
        kind=kind,
        weight_name=prefix + call.weight_name,
        bias_name=f"{prefix}bias" if call.bias is not None else None,
        scale=scale,
        is_final_linear=kind == "linear" and plain and logits.dtype not in HALF and _gives(call, logits),
        can_tap=True,
    )


def _is_linear(call: LayerCall) -> bool:
    """Tell whether the layer's output is weight · input + bias, as seen."""
    if isinstance(call.layer, torch.nn.Conv2d):
        return False
    bias = None if call.bias is None else call.bias.float()
    expected = torch.nn.functional.linear(call.input.float(), call.weight.float(), bias)
    return expected.shape == call.output.shape and _close(expected, call.output)


def _cosine_scale(call: LayerCall) -> float | None:
    """Return s where the layer's output is s · cos(input, row) for every row, as seen; None otherwise."""
    if isinstance(call.layer, torch.nn.Conv2d) or call.input.ndim != 2 or call.output.ndim != 2:
        return None
    cosine = unit_rows(call.input.float()) @ unit_rows(call.weight.float()).T
    if cosine.shape != call.output.shape or not cosine.square().sum() > 0:
        return None
    scale = float((cosine * call.output).sum() / cosine.square().sum())
    return scale if _close(scale * cosine, call.output) else None


def _gives(call: LayerCall, logits: torch.Tensor) -> bool:
    """Tell whether the layer's output, averaged over positions, is what the network returns."""
    output = call.output.mean(dim=(2, 3)) if call.output.ndim == 4 else call.output
    return output.shape == logits.shape and _close(output, logits)


def _close(first: torch.Tensor, second: torch.Tensor) -> bool:
    """Tell whether two tensors of one shape are equal up to rounding, that of half formats included; NaN equals NaN."""
    tolerance = HALF_TOLERANCE if {first.dtype, second.dtype} & HALF else TOLERANCE
    first, second = first.float(), second.float()
    largest = torch.nan_to_num(second.abs(), nan=0.0, posinf=0.0).max()
    return torch.allclose(first, second, rtol=0.0, atol=float(largest) * tolerance, equal_nan=True)


def _head(place: HeadPlace, weight: torch.Tensor, bias: torch.Tensor | None) -> Head:
    rows = _float32(weight)
    return Head(place=place, weight=rows.reshape(len(rows), -1), bias=None if bias is None else _float32(bias))


def _float32(tensor: torch.Tensor) -> FloatArray:
    return np.array(tensor.detach().to("cpu", torch.float32).numpy())
