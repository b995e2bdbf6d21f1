"""float32 throughout, in networks that turn to half formats by themselves."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from analysis.reruns.around_forward import around_forward

HALF = (torch.float16, torch.bfloat16)
_ATEN = torch.ops.aten
_CASTS = (_ATEN.to.dtype, _ATEN.to.device, _ATEN.to.dtype_layout, _ATEN._to_copy.default)


class NoHalfFormats(TorchDispatchMode):
    """While open, a conversion to float16 or bfloat16 gives float32."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Answer an operator call."""
        named = dict(kwargs or {})
        if func in _CASTS:
            args = [torch.float32 if value in HALF else value for value in args]
            named = {key: torch.float32 if value in HALF else value for key, value in named.items()}
        return func(*args, **named)


@contextmanager
def in_full_precision(module: nn.Module) -> Iterator[nn.Module]:
    """Weights and forward pass in float32 while the context is open; yields the network to ask."""
    kept = {name: tensor for name, tensor in module.state_dict(keep_vars=True).items() if tensor.dtype in HALF}
    before = {name: tensor.data for name, tensor in kept.items()}
    for tensor in kept.values():
        tensor.data = tensor.data.float()
    try:
        with around_forward(module, NoHalfFormats) as network:
            yield network
    finally:
        for name, tensor in kept.items():
            tensor.data = before[name]
