"""Other weights in the same network: another set of the checkpoint, the model before, and what lies between."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from analysis.models.checkpoint import read_checkpoint
from analysis.models.fitting import fit_checkpoint
from analysis.models.loading import LoadedModel
from analysis.reruns.around_forward import unwrapped

State = Mapping[str, torch.Tensor]
BUFFERS = ("running_mean", "running_var")


def state_of(path: Path, model: LoadedModel, weights: str = "auto") -> dict[str, torch.Tensor]:
    """Weights of a checkpoint under the network's names; those of another shape are left out, except the head's.

    Args:
        path: The checkpoint.
        model: The network that is to take them.
        weights: Which set of the checkpoint.

    Raises:
        CheckpointError: If it cannot be read, or has no such set.
    """
    checkpoint = read_checkpoint(path, weights)
    network = unwrapped(model.module).state_dict()
    place = model.head.place if model.head is not None and model.kind == "state_dict" else None
    state = checkpoint.state
    if model.kind == "state_dict":
        state = fit_checkpoint(checkpoint, model.module, place)[0].state
    head = {place.weight_name, place.bias_name} if place is not None else set()
    return {
        name: tensor
        for name, tensor in state.items()
        if name in network and (tensor.shape == network[name].shape or name in head)
    }


@contextmanager
def replaced(module: nn.Module, state: State) -> Iterator[None]:
    """Put tensors into the network while the context is open; tensors of another shape or name are left alone.

    Args:
        module: Python network or program.
        state: By the network's names.
    """
    held = unwrapped(module).state_dict(keep_vars=True)
    kept: list[tuple[torch.Tensor, torch.Tensor]] = []
    try:
        for name, tensor in state.items():
            if name in held and held[name].shape == tensor.shape:
                kept.append((held[name], held[name].detach().clone()))
                held[name].data.copy_(tensor)
        yield
    finally:
        for tensor, before in reversed(kept):
            tensor.data.copy_(before)


def buffers_of(state: State) -> dict[str, torch.Tensor]:
    """BatchNorm's running statistics alone."""
    return {name: tensor for name, tensor in state.items() if name.rpartition(".")[2] in BUFFERS}


def with_old_rows(
    state: State, old: State, head: Sequence[str], rows: Sequence[tuple[int, int]]
) -> dict[str, torch.Tensor]:
    """The old model's tensors with a head as long as the new one: rows by class name, the others as in `state`.

    Args:
        state: The new model's.
        old: The old model's, under the same names.
        head: Names of the head's tensors.
        rows: (row in the new head, row in the old one) of each class that both know.
    """
    joined = dict(old)
    for name in head:
        if name not in state or name not in old or old[name].shape[1:] != state[name].shape[1:]:
            joined.pop(name, None)
            continue
        tensor = state[name].detach().clone()
        for new_row, old_row in rows:
            if new_row < len(tensor) and old_row < len(old[name]):
                tensor[new_row] = old[name][old_row].to(tensor.dtype)
        joined[name] = tensor
    return joined


def between(old: State, new: State, alpha: float) -> dict[str, torch.Tensor]:
    """θ(α) = (1−α) θ_old + α θ_new for what both have in one shape; whole numbers as in the new model.

    Source: Wortsman et al. 2022, arXiv 2109.01903.
    """
    shared = {name: tensor for name, tensor in new.items() if name in old and old[name].shape == tensor.shape}
    return {
        name: torch.lerp(old[name].float(), tensor.float(), alpha).to(tensor.dtype)
        for name, tensor in shared.items()
        if tensor.is_floating_point()
    }
