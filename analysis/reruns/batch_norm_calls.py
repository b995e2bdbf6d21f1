"""BatchNorm seen and altered at the operator: the same for Python networks, TorchScript and exported programs.

Letters: channels c of a layer; μ, σ² its statistics; ε its constant.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from analysis.reruns.around_forward import unwrapped

_ATEN = torch.ops.aten
_CALLS = (_ATEN.batch_norm.default, _ATEN.native_batch_norm.default)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Statistics of a layer's input, on the CPU.

    Attributes:
        mean: (c,) float64. var: (c,) float64, unbiased.
    """

    mean: torch.Tensor
    var: torch.Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call:
    """One call of BatchNorm.

    Attributes:
        name: of its layer, such as ``layer1.0.bn1``; ``BatchNorm #2`` for one without any tensor of its own.
        input: (n, c, …). weight, bias, mean, var: (c,) or None; the two latter as stored.
        training: True where the statistics of the batch are used.
        eps: ε.
    """

    name: str
    input: torch.Tensor
    weight: torch.Tensor | None
    bias: torch.Tensor | None
    mean: torch.Tensor | None
    var: torch.Tensor | None
    training: bool
    eps: float

    def moments(self) -> Moments:
        """Of this batch; the variance is 0 where the batch has one value a channel."""
        values = self.input.detach().float()
        others = [axis for axis in range(values.ndim) if axis != 1]
        single = values.numel() == values.shape[1]
        var, mean = torch.var_mean(values, dim=others, correction=0 if single else 1)
        return Moments(mean=mean.double().cpu(), var=var.double().cpu())

    def normalised(self, mean: torch.Tensor | None, var: torch.Tensor | None) -> torch.Tensor:
        """The output under statistics (c,), or under those of the batch where they are None."""
        if mean is not None and var is not None:
            like = self.mean if self.mean is not None else self.input
            mean = mean.to(like.device, like.dtype if self.mean is not None else torch.float32)
            var = var.to(mean.device, mean.dtype)
        batch = mean is None or var is None
        result: torch.Tensor = _ATEN.batch_norm.default(
            self.input, self.weight, self.bias, None if batch else mean, None if batch else var, batch, 0.0, self.eps,
            False,
        )  # fmt: skip
        return result


class BatchNormCalls(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own stubs
    """While open, every call of BatchNorm is answered by a function of the call."""

    def __init__(self, answer: Callable[[Call], torch.Tensor], names: Mapping[int, str]) -> None:
        """Take over the calls of one forward pass; `names` is what `layer_names` found."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._answer = answer
        self._names = names
        self._anonymous = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Answer an operator call."""
        if func not in _CALLS:
            return func(*args, **(kwargs or {}))
        input_, weight, bias, mean, var, training, _, eps = args[:8]
        call = Call(
            name=self._name((mean, var, weight, bias)),
            input=input_,
            weight=weight,
            bias=bias,
            mean=mean,
            var=var,
            training=bool(training) or mean is None,
            eps=float(eps),
        )
        output = self._answer(call)
        return output if func is _CALLS[0] else (output, output.new_empty(0), output.new_empty(0))

    def _name(self, tensors: Sequence[torch.Tensor | None]) -> str:
        for tensor in tensors:
            if tensor is not None and tensor.data_ptr() in self._names:
                return self._names[tensor.data_ptr()]
        self._anonymous += 1
        return f"BatchNorm #{self._anonymous}"


def layer_names(module: nn.Module) -> dict[int, str]:
    """Name of the layer that a tensor belongs to, by the tensor's address; taken after moving the network."""
    held = dict(unwrapped(module).state_dict(keep_vars=True))
    return {
        tensor.data_ptr(): name.rpartition(".")[0] or name
        for name, tensor in held.items()
        if tensor.ndim == 1 and tensor.numel()
    }
