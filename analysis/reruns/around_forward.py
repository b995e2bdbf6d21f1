"""A context around every forward pass of a network, and around nothing else."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import nn


@contextmanager
def around_forward(module: nn.Module, make: Callable[[], AbstractContextManager[Any]]) -> Iterator[nn.Module]:
    """Open a context whenever the network starts to compute, and close it when it has ended.

    What our own code does with its inputs and outputs stays outside.

    Args:
        module: Python network, TorchScript or exported program.
        make: Makes the context; called for every forward pass.

    Yields:
        The network to ask: the same one, except for TorchScript, which takes no hooks and is wrapped.
    """
    if isinstance(module, torch.jit.ScriptModule):
        yield _Wrapped(module, make)
        return
    opened: list[AbstractContextManager[Any]] = []

    def begin(layer: nn.Module, inputs: Any) -> None:
        opened.append(make())
        opened[-1].__enter__()

    def end(layer: nn.Module, inputs: Any, output: Any) -> None:
        opened.pop().__exit__(None, None, None)

    hooks = [
        module.register_forward_pre_hook(begin, prepend=True),
        module.register_forward_hook(end, always_call=True),
    ]
    try:
        yield module
    finally:
        for hook in hooks:
            hook.remove()


def unwrapped(module: nn.Module) -> nn.Module:
    """The network that holds the tensors, whose names are the checkpoint's."""
    while isinstance(module, _Wrapped):
        module = module.program
    return module


class _Wrapped(nn.Module):
    def __init__(self, program: nn.Module, make: Callable[[], AbstractContextManager[Any]]) -> None:
        super().__init__()
        self.program = program
        self._make = make

    def forward(self, pictures: torch.Tensor) -> Any:
        # Unoptimised: what the compiler fuses on a GPU after a few calls is one operator that shows nothing inside.
        with self._make(), torch.jit.optimized_execution(False):  # type: ignore[attr-defined]
            return self.program(pictures)
