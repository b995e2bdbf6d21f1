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
        alternatives: Other prefixes under which as many names fit, such as `teacher.` beside `student.`.
    """

    state: Mapping[str, torch.Tensor]
    stripped: tuple[str, ...]
    added: str
    left_out: tuple[str, ...]
    alternatives: tuple[str, ...]


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
    (prefix, fitting), *others = _prefixes(shapes, expected)
    added, fitting_added = _prefixes(expected, shapes)[0]
    wrapped = tuple(wrapper for wrapper in WRAPPERS if any(wrapper in name for name in state if name not in expected))
    renamed = {short: state[name] for name, short in names.items()}
    if added and fitting_added > fitting:
        renamed = {added + name: tensor for name, tensor in renamed.items()}
        return FittedState(state=renamed, stripped=wrapped, added=added, left_out=(), alternatives=())
    parts = _Parts(prefix, renamed, expected)
    further = parts.strip_further(expected)
    return FittedState(
        state={**parts.fitted, **parts.inside, **({} if prefix else parts.outside)},
        stripped=(*wrapped, *([prefix] if prefix else []), *further),
        added="",
        left_out=tuple(parts.outside) if prefix else (),
        alternatives=tuple(other for other, count in others if count == fitting and count > len(expected) / 2),
    )


class _Parts:
    """A state dict sorted by its main prefix: what fits, what fits nothing inside it, and what stands outside."""

    def __init__(self, prefix: str, state: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Size]) -> None:
        self.fitted: dict[str, torch.Tensor] = {}
        self.inside: dict[str, torch.Tensor] = {}
        self.outside: dict[str, torch.Tensor] = {}
        for name, tensor in state.items():
            short, under = name.removeprefix(prefix), name.startswith(prefix)
            if short in expected and (under or short not in self.fitted):
                self.fitted[short] = tensor
            else:
                (self.inside if under else self.outside)[short] = tensor

    def strip_further(self, expected: Mapping[str, torch.Size]) -> list[str]:
        """Take further prefixes off for what is still missing (`backbone.` and `head.`); return them."""
        stripped = []
        for _ in range(ROUNDS):
            missing = {name: shape for name, shape in expected.items() if name not in self.fitted and "." in name}
            rest = {name: tensor.shape for part in (self.inside, self.outside) for name, tensor in part.items()}
            further, fitting = _prefixes(rest, missing)[0]
            if not further or not fitting:
                break
            for part in (self.inside, self.outside):
                for name in [name for name in part if name.removeprefix(further) in missing]:
                    self.fitted[name.removeprefix(further)] = part.pop(name)
            stripped.append(further)
        return stripped


def _unwrapped(name: str) -> str:
    for wrapper in WRAPPERS:
        name = name.replace(wrapper, "")
    return name


def _prefixes(names: Mapping[str, torch.Size], wanted: Mapping[str, torch.Size]) -> list[tuple[str, int]]:
    """Return prefixes and how many names under each are wanted with the same shape; most first, then short ones."""
    counts: Counter[str] = Counter()
    fitting: Counter[str] = Counter()
    for name, shape in names.items():
        for prefix, suffix in _cuts(name):
            if suffix in wanted:
                counts[prefix] += 1
                fitting[prefix] += shape == wanted[suffix]
    order = sorted(counts, key=lambda prefix: (-fitting[prefix], -counts[prefix], len(prefix)))
    return [(prefix, fitting[prefix]) for prefix in order] or [("", 0)]


def _cuts(name: str) -> Iterable[tuple[str, str]]:
    """Return every way to cut a dotted name into prefix and rest."""
    yield "", name
    for position, letter in enumerate(name):
        if letter == ".":
            yield name[: position + 1], name[position + 1 :]
