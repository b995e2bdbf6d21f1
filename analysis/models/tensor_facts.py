"""What there is to know about every tensor of a network: its values, and how far it is from the baseline's."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from analysis.arrays import FloatArray
from analysis.models.init_laws import law_of, usual_laws
from analysis.models.lineage import DECISIVE_NUMEL, RELATED_COSINE
from analysis.models.loading import LoadedModel
from analysis.models.shrinkage import soft_threshold

NAN = float("nan")
_NORM_LAYERS = {"weight": "norm_weight", "bias": "norm_bias"}
_BUFFERS = {"running_mean": "running_mean", "running_var": "running_var", "num_batches_tracked": "batches_tracked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorFacts:
    """One row of ``weights.parquet``; NaN and None where something does not apply.

    Attributes:
        name: in the network. position: 0, 1, … in the network's order.
        kind: weight | bias | norm_weight | norm_bias | running_mean | running_var | batches_tracked | other.
        is_head: part of the classification head.
        shape: such as `64 × 3 × 7 × 7`; empty for a single number. numel: number of values.
        nonfinite: NaN and infinite values; the facts below are of the others.
        half_exact: share of values that bfloat16 holds exactly, or float16, whichever is more.
        init_law: the usual law of initialisation that a weight still follows as if never trained; None if none.
        status: identical | related | unrelated | missing (in the baseline) | shape differs; None without a baseline.
        cosine: −1..1. change: ‖new − old‖ / ‖old‖. scale: s = ⟨new, old⟩ / ‖old‖². residual: ‖new − s·old‖ / ‖old‖.
        soft_threshold: c, where |new| = max(|old| − c, 0), as a share of the mean |old|; NaN where it is not so.
        decisive: two or more dimensions and at least 1,000 values: only for these is a cosine no accident.
    """

    name: str
    position: int
    kind: str
    is_head: bool
    shape: str
    numel: int
    nonfinite: int
    mean: float
    std: float
    min: float
    max: float
    half_exact: float
    init_law: str | None
    status: str | None = None
    cosine: float = NAN
    change: float = NAN
    scale: float = NAN
    residual: float = NAN
    soft_threshold: float = NAN
    decisive: bool


def tensor_facts(model: LoadedModel, baseline: Mapping[str, torch.Tensor] | None = None) -> pd.DataFrame:
    """Look at every tensor of a network, one after the other.

    Args:
        model: any kind of checkpoint; a program's tensors are those of its state.
        baseline: the tensors before the expansion under the network's names (`read_baseline`), or None.

    Returns:
        One row a tensor in the network's order, with the columns of `TensorFacts`.
    """
    state = model.module.state_dict()
    head = _head_names(model)
    rows = [asdict(facts) for facts in _facts(state, head, baseline)]
    return pd.DataFrame(rows, columns=list(TensorFacts.__dataclass_fields__)).astype(
        {"init_law": "string", "status": "string"}
    )


def _head_names(model: LoadedModel) -> set[str]:
    if model.head is None:
        return set()
    place = model.head.place
    return {name for name in (place.weight_name, place.bias_name) if name}


def _facts(
    state: Mapping[str, torch.Tensor], head: set[str], baseline: Mapping[str, torch.Tensor] | None
) -> Iterator[TensorFacts]:
    for position, (name, tensor) in enumerate(state.items()):
        flat = _flat(tensor)
        finite = flat[np.isfinite(flat)]
        old = None if baseline is None else baseline.get(name)
        compared: dict[str, Any] = _moments(finite) | ({} if baseline is None else _compared(tensor, flat, old))
        yield TensorFacts(
            name=name,
            position=position,
            kind=_kind(name, state),
            is_head=name in head,
            shape=" × ".join(str(side) for side in tensor.shape),
            numel=tensor.numel(),
            nonfinite=len(flat) - len(finite),
            half_exact=_half_exact(finite),
            init_law=_init_law(tensor, flat) if len(finite) == len(flat) else None,
            decisive=tensor.ndim >= 2 and tensor.numel() >= DECISIVE_NUMEL,
            **compared,
        )


def _flat(tensor: torch.Tensor) -> FloatArray:
    kind = torch.float64 if tensor.dtype in (torch.float64, torch.int64) else torch.float32
    values: FloatArray = tensor.detach().cpu().flatten().to(kind).numpy()
    return values


def _kind(name: str, state: Mapping[str, torch.Tensor]) -> str:
    """By name and shape alone: a program has no layers to ask. One-dimensional weights scale what was normed."""
    owner, _, part = name.rpartition(".")
    if part in _BUFFERS:
        return _BUFFERS[part]
    if not state[name].is_floating_point():
        return "other"
    of_norm = state.get(f"{owner}.weight" if owner else "weight")
    if part in _NORM_LAYERS and of_norm is not None and of_norm.ndim == 1:
        return _NORM_LAYERS[part]
    if part.endswith("bias"):
        return "bias"
    return "weight" if part.endswith("weight") and state[name].ndim >= 2 else "other"


def _moments(values: FloatArray) -> dict[str, float]:
    if not len(values):
        return dict.fromkeys(("mean", "std", "min", "max"), NAN)
    return {
        "mean": float(values.mean(dtype=np.float64)),
        "std": float(values.std(dtype=np.float64)),
        "min": float(values.min()),
        "max": float(values.max()),
    }


def _half_exact(values: FloatArray) -> float:
    if not len(values):
        return NAN
    whole = torch.from_numpy(values)
    return max(float((whole.to(half).to(whole.dtype) == whole).double().mean()) for half in _HALVES)


_HALVES = (torch.bfloat16, torch.float16)


def _init_law(tensor: torch.Tensor, flat: FloatArray) -> str | None:
    if tensor.ndim < 2 or not tensor.is_floating_point():
        return None
    matrix = flat.reshape(len(tensor), -1)
    positions = int(np.prod(tensor.shape[2:]))
    return law_of(matrix, usual_laws(matrix.shape[1], len(matrix) * positions))


def _compared(tensor: torch.Tensor, new: FloatArray, old_tensor: torch.Tensor | None) -> dict[str, Any]:
    if old_tensor is None:
        return {"status": "missing"}
    if old_tensor.shape != tensor.shape:
        return {"status": "shape differs"}
    old = _flat(old_tensor)
    if np.array_equal(new, old, equal_nan=True):
        return {"status": "identical", "cosine": 1.0, "change": 0.0, "scale": 1.0, "residual": 0.0}
    distance = _distance(new, old)
    status = "related" if distance["cosine"] > RELATED_COSINE else "unrelated"
    kept = soft_threshold(new, old) if tensor.ndim >= 2 and tensor.numel() >= DECISIVE_NUMEL else None
    return {"status": status, **distance, "soft_threshold": NAN if kept is None else kept}


def _distance(new: FloatArray, old: FloatArray) -> dict[str, float]:
    """Cosine, change, scale and residual; NaN where a length is zero or not finite."""
    a, b = new.astype(np.float64), old.astype(np.float64)
    with np.errstate(all="ignore"):
        product, new_square, old_square = float(a @ b), float(a @ a), float(b @ b)
        if not (old_square > 0 and np.isfinite(new_square + old_square)):
            return dict.fromkeys(("cosine", "change", "scale", "residual"), NAN)
        length, scale = np.sqrt(old_square), product / old_square
        return {
            "cosine": product / np.sqrt(new_square * old_square) if new_square else NAN,
            "change": float(np.linalg.norm(a - b) / length),
            "scale": scale,
            "residual": float(np.linalg.norm(a - scale * b) / length),
        }
