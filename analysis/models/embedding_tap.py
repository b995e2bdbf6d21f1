"""Logits and embeddings of a batch in one forward pass."""

from types import TracebackType
from typing import Any, Self

import torch

from analysis.models.head import Head
from analysis.models.probe import logits_of


class EmbeddingTap:
    """A network that also hands out the head's input, while the context is open.

    ```python
    with EmbeddingTap(model.module, model.head) as tap:
        logits, embedding = tap(pictures)
    ```
    """

    def __init__(self, module: torch.nn.Module, head: Head | None) -> None:
        self._module = module
        self._head = head if head is not None and head.can_tap else None
        self._hook: torch.utils.hooks.RemovableHandle | None = None
        self._input: torch.Tensor | None = None

    def __enter__(self) -> Self:
        if self._head is not None:
            layer = self._module.get_submodule(self._head.name)
            self._hook = layer.register_forward_pre_hook(self._keep)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._hook is not None:
            self._hook.remove()
        self._input = None

    def __call__(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Send a batch through the network.

        Args:
            pictures: (B, channels, height, width) on the network's device.

        Returns:
            Logits (B, C), and the embedding (B, D), averaged over positions where the head sees several, or None where
            the network has no head to tap.

        Raises:
            ArchitectureError: If the network gives no (B, C) logits.
        """
        self._input = None
        logits = logits_of(self._module(pictures), len(pictures))
        embedding, self._input = self._input, None
        return logits, None if embedding is None else _pooled(embedding, len(pictures), self._head)

    def _keep(self, layer: torch.nn.Module, inputs: tuple[Any, ...]) -> None:
        self._input = inputs[0]


def _pooled(embedding: torch.Tensor, samples: int, head: Head | None) -> torch.Tensor | None:
    """Return one row a picture, or None where the head was called on something else."""
    if len(embedding) != samples:
        return None
    if head is not None and head.kind == "conv1x1" and embedding.ndim == 4:
        return embedding.mean(dim=(2, 3))
    return embedding if embedding.ndim == 2 else embedding.flatten(1, -2).mean(dim=1)
