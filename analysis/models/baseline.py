"""The model before the expansion, read for comparison with the one after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from analysis.arrays import FloatArray
from analysis.models.checkpoint import read_checkpoint
from analysis.models.keys import fit_keys
from analysis.models.lineage import Lineage, compare_states
from analysis.models.loading import LoadedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The baseline's weights under the names of the network after the expansion.

    Attributes:
        state: Tensors by name.
        lineage: The network after the expansion compared with these tensors, without the head.
        head_weight: (C', D) float32 rows of the baseline's head, or None where it was not found.
        digest: `sha256:` and the digest of the baseline's file.
        notices: What a reader should know, one sentence each.
    """

    state: Mapping[str, torch.Tensor]
    lineage: Lineage
    head_weight: FloatArray | None
    digest: str
    notices: tuple[str, ...]


def read_baseline(path: Path, model: LoadedModel) -> Baseline:
    """Read the baseline's checkpoint and compare the model with it; its network is not built.

    Args:
        path: The baseline's checkpoint.
        model: The model after the expansion.

    Returns:
        The baseline and the comparison.

    Raises:
        CheckpointError: If the file cannot be read.
    """
    checkpoint = read_checkpoint(path)
    network = model.module.state_dict()
    state = fit_keys(checkpoint.state, {name: tensor.shape for name, tensor in network.items()}).state
    place = model.head.place if model.head else None
    head_names = [name for name in (place.weight_name, place.bias_name) if name] if place else []
    return Baseline(
        state=state,
        lineage=compare_states(network, state, ignore=head_names),
        head_weight=_matrix(state.get(place.weight_name)) if place else None,
        digest=checkpoint.digest,
        notices=checkpoint.notices,
    )


def _matrix(weight: torch.Tensor | None) -> FloatArray | None:
    if weight is None or weight.ndim not in (2, 4):
        return None
    rows: FloatArray = weight.detach().to(torch.float32).reshape(len(weight), -1).numpy()
    return rows
