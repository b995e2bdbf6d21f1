"""How well a checkpoint fits a network: names that are missing, unexpected or of another shape."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import torch

SHOWN = 10
AUXILIARY = ("AuxLogits.", "aux1.", "aux2.", "aux_classifier.", "aux_head.")
"""Heads that torchvision and others use in training only; in evaluation nothing depends on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongShape:
    """A tensor whose shape in the checkpoint is not the network's."""

    name: str
    found: tuple[int, ...]
    expected: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What fits and what does not.

    Attributes:
        expected: Number of tensors the network has.
        loaded: Number of tensors that were loaded.
        missing: Names the network has and the checkpoint has not.
        unexpected: Names the checkpoint has and the network has not.
        wrong_shape: Names that both have, with different shapes.
        head_loaded: False where the head keeps random weights.
        only_head: True where everything that does not fit belongs to the head, or to heads used in training only.
        stripped: Prefixes taken off the checkpoint's names.
        added: Prefix put before the checkpoint's names, or "".
        left_out: Names in the checkpoint that stand outside the network, such as a loss function's.
    """

    expected: int
    loaded: int
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    wrong_shape: tuple[WrongShape, ...] = ()
    head_loaded: bool = True
    only_head: bool = True
    stripped: tuple[str, ...] = ()
    added: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """True where every tensor was loaded and none was unexpected."""
        return not (self.missing or self.unexpected or self.wrong_shape)

    def describe(self) -> str:
        """Return what does not fit, by count and the first names, one line each."""
        wrong = [f"{w.name} (checkpoint {list(w.found)}, network {list(w.expected)})" for w in self.wrong_shape]
        parts = [("missing", self.missing), ("unexpected", self.unexpected), ("of another shape", wrong)]
        lines = [f"  {len(names):,} {what}: {_first(names)}" for what, names in parts if names]
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        """Return all fields as plain values."""
        return asdict(self)


def compare_keys(
    state: Mapping[str, torch.Tensor], network: Mapping[str, torch.Tensor], head_names: Sequence[str]
) -> LoadReport:
    """Compare a checkpoint's tensors with a network's.

    Args:
        state: The checkpoint's tensors under the network's names.
        network: The network's own state dict.
        head_names: Names of the head's tensors in the network, its weight first.

    Returns:
        The report; a missing BatchNorm batch counter (`num_batches_tracked`) is no fault, older files lack it.
    """
    missing = [name for name in network if name not in state and not name.endswith("num_batches_tracked")]
    unexpected = [name for name in state if name not in network]
    wrong = [
        WrongShape(name=name, found=tuple(tensor.shape), expected=tuple(network[name].shape))
        for name, tensor in state.items()
        if name in network and tensor.shape != network[name].shape
    ]
    head = {*head_names, *_like_head(state, network, unexpected, head_names)}
    affected = {*missing, *unexpected, *(each.name for each in wrong)}
    return LoadReport(
        expected=len(network),
        loaded=sum(name in network for name in state) - len(wrong),
        missing=tuple(missing),
        unexpected=tuple(unexpected),
        wrong_shape=tuple(wrong),
        head_loaded=not set(head_names) & {*missing, *(each.name for each in wrong)},
        only_head=all(name in head or name.startswith(AUXILIARY) for name in affected),
    )


def _like_head(
    state: Mapping[str, torch.Tensor],
    network: Mapping[str, torch.Tensor],
    unexpected: Sequence[str],
    head_names: Sequence[str],
) -> set[str]:
    """Return unexpected names that are a head of another name: a matrix on the same embedding, and its bias."""
    if not head_names or network[head_names[0]].ndim not in (2, 4):
        return set()
    width = network[head_names[0]].shape[1]
    found = {name for name in unexpected if state[name].ndim in (2, 4) and state[name][0].numel() == width}
    return found | {bias for name in found if (bias := name.removesuffix("weight") + "bias") in unexpected}


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
