"""A checkpoint file, read safely: its weights by name, or the program it is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from analysis.errors import CheckpointError
from analysis.models.file_kind import FileKind, file_kind
from analysis.models.programs import load_exported, load_torchscript
from analysis.models.weight_sets import State, find_weight_sets
from analysis.models.weights_file import read_safetensors, read_torch_file

Kind = Literal["state_dict", "torchscript", "exported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint file holds.

    Attributes:
        kind: A state dict (also safetensors), a TorchScript program or an exported program.
        state: Tensors by name, as in the file.
        module: The program; None for a state dict, which needs an architecture.
        weights: The name of the weight set that is used.
        weight_sets: The names of all weight sets in the file.
        digest: `sha256:` and 64 hexadecimal digits of the file's bytes.
        nonfinite: Count of NaN and infinite values by tensor name; tensors without any are left out.
        notices: What a reader should know, one sentence each.
    """

    kind: Kind
    state: Mapping[str, torch.Tensor]
    module: torch.nn.Module | None
    weights: str
    weight_sets: tuple[str, ...]
    digest: str
    nonfinite: Mapping[str, int]
    notices: tuple[str, ...]


def read_checkpoint(path: Path, weights: str = "auto") -> Checkpoint:
    """Read a checkpoint; no code of a state dict file is run.

    Args:
        path: .pt, .pth, .bin, .ckpt, .safetensors, TorchScript or exported program; told apart by content.
        weights: Which set, where the file holds several: `model`, `ema`, or `auto` for the model where there is one.

    Returns:
        The weights as they stand in the file, tensors on the CPU.

    Raises:
        CheckpointError: If the file is missing, damaged, unsafe, or holds no such weights.
    """
    kind = file_kind(path)
    if kind in (FileKind.TORCHSCRIPT, FileKind.EXPORTED):
        module = load_torchscript(path) if kind is FileKind.TORCHSCRIPT else load_exported(path)
        return _checkpoint(path, "torchscript" if kind is FileKind.TORCHSCRIPT else "exported", module)
    content = read_safetensors(path) if kind is FileKind.SAFETENSORS else read_torch_file(path)
    sets = find_weight_sets(content)
    if not sets:
        raise CheckpointError(
            f"The checkpoint {path} holds {_described(content)} and no weights; expected a state dict, or a dict "
            "with one under model, state_dict, model_state_dict, model_ema, ema or net."
        )
    chosen = _choose(path, sets, weights)
    return _checkpoint(path, "state_dict", None, sets, chosen)


def _checkpoint(
    path: Path,
    kind: Kind,
    module: torch.nn.Module | None,
    sets: Mapping[str, State] | None = None,
    chosen: str = "model",
) -> Checkpoint:
    state = sets[chosen] if sets else dict(module.state_dict()) if module else {}
    nonfinite = count_nonfinite(state)
    return Checkpoint(
        kind=kind,
        state=state,
        module=module,
        weights=chosen,
        weight_sets=tuple(sets or ("model",)),
        digest=file_digest(path),
        nonfinite=nonfinite,
        notices=tuple(_notices(tuple(sets or ()), chosen, nonfinite)),
    )


def file_digest(path: Path) -> str:
    """Return `sha256:` and the hexadecimal digest of a file's bytes."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def count_nonfinite(state: Mapping[str, torch.Tensor]) -> dict[str, int]:
    """Count NaN and infinite values by tensor name; tensors without any are left out."""
    counts = {
        name: int((~torch.isfinite(tensor)).sum()) for name, tensor in state.items() if tensor.is_floating_point()
    }
    return {name: count for name, count in counts.items() if count}


def _choose(path: Path, sets: Mapping[str, State], weights: str) -> str:
    if weights != "auto":
        if weights not in sets:
            raise CheckpointError(
                f"The checkpoint {path} has no weight set {weights!r}; it has {', '.join(sets)}. "
                "Set `weights` in [model] to one of these, or to auto."
            )
        return weights
    if "model" in sets or len(sets) == 1:
        return "model" if "model" in sets else next(iter(sets))
    raise CheckpointError(
        f"The checkpoint {path} holds weights under {', '.join(sets)}, and no name says which is the model. "
        'Save the one you mean alone, or under the key "model".'
    )


def _notices(sets: tuple[str, ...], chosen: str, nonfinite: Mapping[str, int]) -> list[str]:
    notices = []
    if len(sets) > 1:
        others = ", ".join(name for name in sets if name != chosen)
        notices.append(f"The checkpoint holds {len(sets)} weight sets; {chosen!r} is used, {others} is there as well.")
    elif sets and chosen == "ema":
        notices.append("The checkpoint holds only a moving average of the weights (ema), which is used.")
    if nonfinite:
        first = next(iter(nonfinite))
        notices.append(
            f"{sum(nonfinite.values()):,} weights in {len(nonfinite):,} tensors are NaN or infinite, first in {first}."
        )
    return notices


def _described(content: object) -> str:
    if isinstance(content, Mapping):
        return f"a dict with the keys {', '.join(map(repr, list(content)[:8]))}" if content else "an empty dict"
    return f"a {type(content).__name__}"
