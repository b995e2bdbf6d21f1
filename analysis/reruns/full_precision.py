"""float32 throughout, in networks that turn to half formats by themselves."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from analysis.reruns.around_forward import around_forward, unwrapped

HALF = (torch.float16, torch.bfloat16)
_ATEN = torch.ops.aten
_CASTS = (_ATEN.to.dtype, _ATEN.to.device, _ATEN.to.dtype_layout, _ATEN._to_copy.default)


class NoHalfFormats(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own stubs
    """While open, a conversion to float16 or bfloat16 gives float32."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Answer an operator call."""
        named = dict(kwargs or {})
        if func in _CASTS:
            args = [_wide(value) for value in args]
            named = {key: _wide(value) for key, value in named.items()}
        return func(*args, **named)


def _wide(value: Any) -> Any:
    return torch.float32 if isinstance(value, torch.dtype) and value in HALF else value


@contextmanager
def in_full_precision(module: nn.Module) -> Iterator[nn.Module]:
    """Weights and forward pass in float32 while the context is open; yields the network to ask."""
    kept = {
        name: tensor for name, tensor in unwrapped(module).state_dict(keep_vars=True).items() if tensor.dtype in HALF
    }
    before = {name: tensor.data for name, tensor in kept.items()}
    for tensor in kept.values():
        tensor.data = tensor.data.float()
    try:
        with around_forward(module, NoHalfFormats) as network:
            yield network
    finally:
        for name, tensor in kept.items():
            tensor.data = before[name]
