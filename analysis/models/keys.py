"""Fit the names in a checkpoint to the names of a network: training scripts wrap networks and so prefix every name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch

WRAPPERS = ("_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.")
"""What torch.compile, FSDP and activation checkpointing put anywhere in a name."""
ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedState:
    """A state dict under the names of a network.

    Attributes:
        state: Tensors by the network's names, then those that fit no name.
        stripped: The prefixes that were taken off, such as `module.`; the first one covers most names.
        added: The prefix that was put before every name, where the network wraps what the checkpoint holds; else "".
        left_out: Names outside the stripped prefix that the network does not know, such as a loss function's.
    """

    state: Mapping[str, torch.Tensor]
    stripped: tuple[str, ...]
    added: str
    left_out: tuple[str, ...]


def fit_keys(state: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Size]) -> FittedState:
    """Take prefixes off, or put one on, where that makes the names fit the network better.

    Args:
        state: Tensors as in the checkpoint.
        expected: Shapes by the network's names.

    Returns:
        The tensors under the network's names.
    """
    names = {name: name if name in expected else _unwrapped(name) for name in state}
    shapes = {names[name]: tensor.shape for name, tensor in state.items()}
    prefix, fitting = _best_prefix(shapes, expected)
    added, fitting_added = _best_prefix(expected, shapes)
    wrapped = tuple(wrapper for wrapper in WRAPPERS if any(wrapper in name for name in state if name not in expected))
    renamed = {short: state[name] for name, short in names.items()}
    if added and fitting_added > fitting:
        renamed = {added + name: tensor for name, tensor in renamed.items()}
        return FittedState(state=renamed, stripped=wrapped, added=added, left_out=())
    fitted, stripped = _strip(renamed, prefix, expected)
    left_out = tuple(name for name in fitted if prefix and name not in expected and not name.startswith(_INSIDE))
    kept = {name.removeprefix(_INSIDE): tensor for name, tensor in fitted.items() if name not in left_out}
    return FittedState(state=kept, stripped=(*wrapped, *stripped), added="", left_out=left_out)


_INSIDE = "\0"  # marks names that stood under the main prefix but fit nothing: unexpected, not left out


def _unwrapped(name: str) -> str:
    for wrapper in WRAPPERS:
        name = name.replace(wrapper, "")
    return name


def _strip(
    state: Mapping[str, torch.Tensor], prefix: str, expected: Mapping[str, torch.Size]
) -> tuple[dict[str, torch.Tensor], list[str]]:
    """Take off the main prefix, then, for what is still missing, further ones (`backbone.` and `head.`)."""
    fitted: dict[str, torch.Tensor] = {}
    rest: dict[str, torch.Tensor] = {}
    for name, tensor in state.items():
        short = name.removeprefix(prefix)
        if short in expected and (name.startswith(prefix) or short not in fitted):
            fitted[short] = tensor
        elif prefix and name.startswith(prefix):
            rest[_INSIDE + short] = tensor
        else:
            rest[name] = tensor
    stripped = [prefix] if prefix else []
    for _ in range(ROUNDS):
        missing = {name: shape for name, shape in expected.items() if name not in fitted and name.count(".")}
        further, fitting = _best_prefix(
            {name.removeprefix(_INSIDE): tensor.shape for name, tensor in rest.items()}, missing
        )
        if not further or not fitting:
            break
        moved = [name for name in rest if name.removeprefix(_INSIDE).removeprefix(further) in missing]
        fitted.update({name.removeprefix(_INSIDE).removeprefix(further): rest.pop(name) for name in moved})
        stripped.append(further)
    return {**fitted, **rest}, stripped


def _best_prefix(names: Mapping[str, torch.Size], wanted: Mapping[str, torch.Size]) -> tuple[str, int]:
    """Return the prefix under which most names are wanted ones of the same shape, and how many; short ones win ties."""
    counts: Counter[str] = Counter()
    fitting: Counter[str] = Counter()
    for name, shape in names.items():
        for prefix, suffix in _cuts(name):
            if suffix in wanted:
                counts[prefix] += 1
                fitting[prefix] += shape == wanted[suffix]
    if not counts:
        return "", 0
    best = max(counts, key=lambda prefix: (fitting[prefix], counts[prefix], -len(prefix)))
    return best, fitting[best]


def _cuts(name: str) -> Iterable[tuple[str, str]]:
    """Return every way to cut a dotted name into prefix and rest."""
    yield "", name
    for position, letter in enumerate(name):
        if letter == ".":
            yield name[: position + 1], name[position + 1 :]
