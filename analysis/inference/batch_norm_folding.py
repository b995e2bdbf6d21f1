"""Batch normalisation folded into the convolutions before it: the same numbers with one pass over memory less."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

RELATIVE_TOLERANCE = 1e-4

Forward = Callable[[], torch.Tensor]
Undo = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A convolution whose output goes straight into a batch normalisation.

    Attributes:
        convolution: With its own weight and bias.
        normalisation: In evaluation mode, with running statistics.
        name: Of the normalisation in the network.
    """

    convolution: nn.Conv2d
    normalisation: nn.BatchNorm2d
    name: str


@contextmanager
def folded(module: nn.Module, forward: Forward) -> Iterator[int]:
    """Fold what can be folded while the context is open, and put everything back afterwards.

    With γ, β, μ, σ² of the normalisation and s = γ / √(σ² + ε): weight · s and β + (bias − μ) · s give the same output.
    Whether they do is not believed but seen: where the network's output differs by more than 1e-4 of its largest
    value, nothing is folded.

    Args:
        module: In evaluation mode.
        forward: Sends pictures through the network and returns its output.

    Yields:
        Number of normalisations folded.
    """
    undo = [] if isinstance(module, torch.jit.ScriptModule | torch.fx.GraphModule) else _fold_all(module, forward)
    try:
        yield len(undo)
    finally:
        _put_back(undo)


def _fold_all(module: nn.Module, forward: Forward) -> list[Undo]:
    """Fold every pair; nothing where the network fails or answers differently."""
    undo: list[Undo] = []
    try:
        pairs = _pairs(module, forward)
        before = forward()
        undo.extend(_fold(module, pair) for pair in pairs)
        if _same(before, forward()):
            return undo
    except Exception:  # the pass over the data will meet it again, and tell it with the pictures in hand
        pass
    _put_back(undo)
    return []


def _put_back(undo: list[Undo]) -> None:
    while undo:
        undo.pop()()


def _pairs(module: nn.Module, forward: Forward) -> list[Pair]:
    """Find the pairs by the tensors that pass between them; a layer that is called twice is left alone."""
    outputs: list[tuple[torch.Tensor, nn.Conv2d]] = []
    found: list[Pair] = []
    calls: Counter[nn.Module] = Counter()
    hooks = []

    def leaves(layer: nn.Module, _: Any, output: Any) -> None:
        calls[layer] += 1
        if isinstance(layer, nn.Conv2d):
            outputs.append((output, layer))  # kept, so that no other tensor can take its identity

    def enters(name: str) -> Callable[[nn.Module, Any], None]:
        def note(layer: nn.Module, inputs: Any) -> None:
            calls[layer] += 1
            source = next((conv for output, conv in reversed(outputs) if output is inputs[0]), None)
            if source is not None and isinstance(layer, nn.BatchNorm2d):
                found.append(Pair(convolution=source, normalisation=layer, name=name))

        return note

    for name, layer in module.named_modules():
        if isinstance(layer, nn.Conv2d) and not parametrize.is_parametrized(layer):
            hooks.append(layer.register_forward_hook(leaves))
        elif _can_fold(layer):
            hooks.append(layer.register_forward_pre_hook(enters(name)))
    try:
        forward()
    finally:
        for hook in hooks:
            hook.remove()
    return [pair for pair in found if calls[pair.convolution] == calls[pair.normalisation] == 1]


def _can_fold(layer: nn.Module) -> bool:
    if not isinstance(layer, nn.BatchNorm2d) or layer.training or layer.running_mean is None:
        return False
    return type(layer) is nn.BatchNorm2d or _is_timm_with_activation(layer)


def _is_timm_with_activation(layer: nn.Module) -> bool:
    """Tell timm's BatchNormAct2d, which normalises, drops, then activates."""
    return type(layer).__name__ == "BatchNormAct2d" and hasattr(layer, "drop") and hasattr(layer, "act")


def _fold(module: nn.Module, pair: Pair) -> Undo:
    """Fold one pair; returns what puts it back."""
    convolution, normalisation = pair.convolution, pair.normalisation
    parent_name, _, name = pair.name.rpartition(".")
    parent = module.get_submodule(parent_name)
    weight, bias = convolution.weight, convolution.bias
    folded_weight, folded_bias = _folded_parameters(convolution, normalisation)
    convolution.weight = nn.Parameter(folded_weight, requires_grad=False)
    convolution.bias = nn.Parameter(folded_bias, requires_grad=False)
    setattr(parent, name, _what_remains(normalisation))

    def put_back() -> None:
        convolution.weight, convolution.bias = weight, bias
        setattr(parent, name, normalisation)

    return put_back


def _folded_parameters(convolution: nn.Conv2d, normalisation: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    mean, variance = normalisation.running_mean, normalisation.running_var
    assert mean is not None  # _can_fold has looked
    assert variance is not None
    scale = torch.rsqrt(variance.double() + normalisation.eps)
    if normalisation.weight is not None:
        scale = scale * normalisation.weight.detach().double()
    shift = torch.zeros_like(scale) if normalisation.bias is None else normalisation.bias.detach().double()
    bias = torch.zeros_like(scale) if convolution.bias is None else convolution.bias.detach().double()
    weight = convolution.weight.detach()
    scaled = (weight.double() * scale[:, None, None, None]).to(weight.dtype)
    return scaled.to(memory_format=torch.channels_last), (shift + (bias - mean.double()) * scale).to(weight.dtype)


def _what_remains(normalisation: nn.BatchNorm2d) -> nn.Module:
    if _is_timm_with_activation(normalisation):
        return nn.Sequential(normalisation.get_submodule("drop"), normalisation.get_submodule("act"))
    return nn.Identity()


def _same(before: torch.Tensor, after: torch.Tensor) -> bool:
    if before.shape != after.shape or not torch.isfinite(before).all():
        return False
    return bool((after - before).abs().max() <= RELATIVE_TOLERANCE * before.abs().max())
