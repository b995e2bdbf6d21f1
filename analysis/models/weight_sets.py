"""The sets of weights in a checkpoint: the plain model, its moving average, under the names training scripts use."""

from collections.abc import Mapping
from typing import Any

import torch

State = dict[str, torch.Tensor]

MODEL_KEYS = ("model", "state_dict", "model_state_dict", "net")
EMA_KEYS = ("model_ema", "ema", "ema_model", "state_dict_ema", "ema_state_dict", "model_ema_state_dict")
EMA_PREFIXES = ("ema_model.", "model_ema.", "ema.")
DEEPEST = 4


def find_weight_sets(content: object) -> dict[str, State]:
    """Find every state dict in what a checkpoint file holds.

    Args:
        content: What `torch.load` returned.

    Returns:
        State dicts by name: `model` and `ema` where a known wrapping says so, otherwise the key they stand under.
        Entries that are no tensors are left out.
    """
    if not isinstance(content, Mapping):
        return {}
    named = {"model": _first(content, MODEL_KEYS), "ema": _first(content, EMA_KEYS)}
    found = {name: state for name, state in named.items() if state}
    if found:
        return _apart(found) if len(found) == 1 else found
    state = _tensors(content)
    if state:
        return _apart({"model": state})
    parts = {str(key): inner for key, value in content.items() if (inner := _state(value))}
    return {"model": _joined(parts)} if _are_parts(parts) else parts


def _are_parts(parts: Mapping[str, State]) -> bool:
    """Tell parts of one network (`backbone`, `classifier`), which share no name, from several networks."""
    names = [name for state in parts.values() for name in state]
    return len(parts) > 1 and len(set(names)) == len(names)


def _joined(parts: Mapping[str, State]) -> State:
    return {f"{part}.{name}": tensor for part, state in parts.items() for name, tensor in state.items()}


def _first(content: Mapping[Any, Any], keys: tuple[str, ...]) -> State:
    """Return the state dict under the first of the keys that holds one."""
    return next((state for key in keys if (state := _state(content.get(key)))), {})


def _state(value: object, depth: int = 0) -> State:
    """Return the tensors of a state dict, unwrapping dicts around it such as {"module": …} or {"shadow": …}."""
    if not isinstance(value, Mapping) or depth > DEEPEST:
        return {}
    state = _tensors(value)
    inner = [found for nested in value.values() if (found := _state(nested, depth + 1))]
    return max([state, *inner], key=len)


def _tensors(value: Mapping[Any, Any]) -> State:
    return {key: tensor for key, tensor in value.items() if isinstance(key, str) and isinstance(tensor, torch.Tensor)}


def _apart(sets: dict[str, State]) -> dict[str, State]:
    """Take apart a flat state dict that holds a moving average beside the model, told by its key prefix."""
    ((name, state),) = sets.items()
    for prefix in EMA_PREFIXES:
        average = {key: tensor for key, tensor in state.items() if key.startswith(prefix)}
        plain = {key: tensor for key, tensor in state.items() if key not in average}
        if average and 2 * len(plain) >= len(average):
            return {"model": plain, "ema": average}
    return {name: state}
