"""Fit a checkpoint to a network: its names, its head under another name, its number of outputs."""

from collections.abc import Mapping
from dataclasses import replace

import torch

from analysis.models.checkpoint import Checkpoint
from analysis.models.head import HeadPlace
from analysis.models.keys import FittedState, fit_keys
from analysis.models.load_report import LoadReport, compare_keys

HEAD_WORDS = ("head", "fc", "classif", "linear", "logits", "output", "cls")
"""What heads are called."""


def fit_checkpoint(
    checkpoint: Checkpoint, module: torch.nn.Module, place: HeadPlace | None
) -> tuple[FittedState, list[str]]:
    """Fit the names, then look for a head under another name.

    Args:
        checkpoint: The weights.
        module: The network.
        place: Where its head is, or None.

    Returns:
        The weights under the network's names, and sentences on what was renamed.
    """
    network = module.state_dict()
    fitted = fit_keys(checkpoint.state, {name: tensor.shape for name, tensor in network.items()})
    notices = _prefix_notices(fitted)
    if place is None or place.weight_name in fitted.state or place.weight_name not in network:
        return fitted, notices
    names = _heads_elsewhere(checkpoint, fitted, network, place)
    if len(names) != 1:
        return fitted, notices
    notices.append(f"The checkpoint's head is called {names[0]}; it is loaded into {place.weight_name}.")
    return _renamed(checkpoint, fitted, names[0], place), notices


def _prefix_notices(fitted: FittedState) -> list[str]:
    notices = []
    if fitted.stripped:
        notices.append(f"Prefixes taken off the checkpoint's names: {', '.join(fitted.stripped)}")
    if fitted.added:
        notices.append(f"Prefix put before the checkpoint's names: {fitted.added}")
    if fitted.alternatives:
        taken, others = ", ".join(fitted.stripped) or "those without a prefix", ", ".join(fitted.alternatives)
        notices.append(f"Names under {others} would fit the network as well; taken were {taken}.")
    return notices


def _heads_elsewhere(
    checkpoint: Checkpoint, fitted: FittedState, network: Mapping[str, torch.Tensor], place: HeadPlace
) -> list[str]:
    """Return unknown names that could be the head: on the same embedding, and of its length or called like a head.

    A projection for training without labels also is a matrix on the embedding, so the width alone is not enough.
    """
    outputs, width = network[place.weight_name].shape[:2]
    found = []
    for name in (*fitted.state, *fitted.left_out):
        tensor = _tensor(checkpoint, fitted, name)
        if name in network or tensor is None or not name.endswith("weight") or tensor.ndim not in (2, 4):
            continue
        called_head = any(word in name.lower() for word in HEAD_WORDS)
        if tensor[0].numel() == width and (len(tensor) == outputs or called_head):
            found.append(name)
    return found


def _tensor(checkpoint: Checkpoint, fitted: FittedState, name: str) -> torch.Tensor | None:
    """Return a tensor of the checkpoint under its fitted or its own name."""
    return fitted.state.get(name, checkpoint.state.get(name))


def _renamed(checkpoint: Checkpoint, fitted: FittedState, name: str, place: HeadPlace) -> FittedState:
    """Give the checkpoint's head the network's names."""
    names = {name: place.weight_name}
    bias = name.removesuffix("weight") + "bias"
    if place.bias_name and _tensor(checkpoint, fitted, bias) is not None:
        names[bias] = place.bias_name
    moved = {new: tensor for old, new in names.items() if (tensor := _tensor(checkpoint, fitted, old)) is not None}
    kept = {old: tensor for old, tensor in fitted.state.items() if old not in names}
    return replace(fitted, state={**kept, **moved}, left_out=tuple(old for old in fitted.left_out if old not in names))


def _head_names(network: Mapping[str, torch.Tensor], place: HeadPlace | None) -> list[str]:
    """Return the names of the head's tensors, its weight first; a normalised weight is stored in parts."""
    if place is None:
        return []
    prefix = f"{place.name}." if place.name else ""
    names = [name for name in network if name.startswith(prefix)]
    return sorted(names, key=lambda name: (name != place.weight_name, network[name].ndim != 2))


def head_rows(
    fitted: FittedState, network: Mapping[str, torch.Tensor], place: HeadPlace | None, outputs: int
) -> int | None:
    """Return the number of rows of the checkpoint's head, or None where it has none.

    Args:
        fitted: The weights under the network's names.
        network: The network's own state dict.
        place: Where its head is, or None.
        outputs: Its number of outputs.
    """
    for name in _head_names(network, place):
        if network[name].ndim and len(network[name]) == outputs and name in fitted.state and fitted.state[name].numel():
            return len(fitted.state[name])
    return None


def fit_report(fitted: FittedState, network: Mapping[str, torch.Tensor], place: HeadPlace | None) -> LoadReport:
    """Compare the fitted weights with the network, name by name.

    Args:
        fitted: The weights under the network's names.
        network: The network's own state dict.
        place: Where its head is, or None.
    """
    report = compare_keys(fitted.state, network, _head_names(network, place))
    return replace(report, stripped=fitted.stripped, added=fitted.added, left_out=fitted.left_out)
