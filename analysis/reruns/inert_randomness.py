"""Randomness without effect: whatever a network draws takes its expected value."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

Operator = Callable[..., Any]
_ATEN = torch.ops.aten


class InertRandomness(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own stubs
    """While open, dropout, stochastic depth and noise do nothing, however they are called.

    Works below Python, on the operators themselves: functional dropout without `training=`, overridden `eval()` and
    TorchScript that was traced in training mode are all reached. A drawn number becomes its expectation, so that
    Bernoulli(p) / p is 1.
    """

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Answer an operator call."""
        return _INERT.get(func, func)(*args, **(kwargs or {}))


def _the_input(input_: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
    return input_


def _native_dropout(input_: torch.Tensor, *_: Any, **__: Any) -> tuple[torch.Tensor, torch.Tensor]:
    return input_, torch.ones_like(input_, dtype=torch.bool)


def _bernoulli_in_place(noise: torch.Tensor, p: Any = 0.5, **_: Any) -> torch.Tensor:
    return noise.copy_(p) if isinstance(p, torch.Tensor) else noise.fill_(p)


def _bernoulli(probability: torch.Tensor, p: float | None = None, **_: Any) -> torch.Tensor:
    return probability.clone() if p is None else torch.full_like(probability, p)


def _filled(func: Operator, value: float) -> Operator:
    def fill(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs).fill_(value)

    return fill


def _normal_in_place(noise: torch.Tensor, mean: float = 0.0, std: float = 1.0, **_: Any) -> torch.Tensor:
    return noise.fill_(mean)


def _uniform_in_place(noise: torch.Tensor, low: float = 0.0, high: float = 1.0, **_: Any) -> torch.Tensor:
    return noise.fill_((low + high) / 2)


def _attention(
    query: Any, key: Any, value: Any, mask: Any = None, dropout_p: float = 0.0, *rest: Any, **kw: Any
) -> Any:
    return _ATEN.scaled_dot_product_attention.default(query, key, value, mask, 0.0, *rest, **kw)


def _rrelu(input_: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, *_: Any, **__: Any) -> Any:
    return _ATEN.leaky_relu.default(input_, (lower + upper) / 2)


_DROPOUTS = ("dropout", "dropout_", "feature_dropout", "feature_dropout_", "alpha_dropout", "alpha_dropout_",
             "feature_alpha_dropout", "feature_alpha_dropout_")  # fmt: skip
_INERT: Mapping[Any, Operator] = MappingProxyType(
    {
        **{getattr(_ATEN, name).default: _the_input for name in _DROPOUTS},
        _ATEN.native_dropout.default: _native_dropout,
        _ATEN.bernoulli_.float: _bernoulli_in_place,
        _ATEN.bernoulli_.Tensor: _bernoulli_in_place,
        _ATEN.bernoulli.default: _bernoulli,
        _ATEN.bernoulli.p: _bernoulli,
        _ATEN.randn.default: _filled(_ATEN.randn.default, 0.0),
        _ATEN.randn_like.default: _filled(_ATEN.randn_like.default, 0.0),
        _ATEN.rand.default: _filled(_ATEN.rand.default, 0.5),
        _ATEN.rand_like.default: _filled(_ATEN.rand_like.default, 0.5),
        _ATEN.normal_.default: _normal_in_place,
        _ATEN.uniform_.default: _uniform_in_place,
        _ATEN.rrelu.default: _rrelu,
        _ATEN.scaled_dot_product_attention.default: _attention,
    }
)
