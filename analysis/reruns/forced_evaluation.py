"""Evaluation mode for networks that do not obey `eval()`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import torch
from torch import nn

from analysis.reruns.around_forward import around_forward
from analysis.reruns.batch_norm_calls import BatchNormCalls, Call, layer_names
from analysis.reruns.batch_norm_statistics import Estimate, estimate
from analysis.reruns.inert_randomness import InertRandomness


@contextmanager
def without_randomness(module: nn.Module) -> Iterator[nn.Module]:
    """Let nothing be drawn in the network's forward passes; yields the network to ask."""
    with around_forward(module, InertRandomness) as network:
        yield network


@contextmanager
def in_evaluation(
    module: nn.Module, pictures: Callable[[], Iterable[torch.Tensor]], *, estimate_all: bool = False
) -> Iterator[nn.Module]:
    """Turn off everything that belongs to training: flags, randomness, statistics of the batch.

    BatchNorm that normalises by its batch whatever the flags say uses its running statistics, or, where it keeps none,
    statistics estimated on the pictures.

    Args:
        module: On its device.
        pictures: Shuffled, normalised batches (n, channels, height, width).
        estimate_all: Estimate all statistics, as those kept while training may be of no use.

    Yields:
        The network to ask.
    """
    with ExitStack() as stack:
        stack.enter_context(_flags_off(module))
        network = stack.enter_context(without_randomness(module))
        missing = _normalises_by_batch(network, pictures)
        found: Mapping[str, Estimate] = estimate(network, pictures()) if missing or estimate_all else {}
        names = layer_names(module)
        yield stack.enter_context(around_forward(network, lambda: BatchNormCalls(_answer(found, estimate_all), names)))


def _answer(found: Mapping[str, Estimate], estimate_all: bool) -> Callable[[Call], torch.Tensor]:
    def answer(call: Call) -> torch.Tensor:
        known = found.get(call.name)
        if known is not None and (estimate_all or call.mean is None):
            return call.normalised(known.mean, known.var)
        return call.normalised(call.mean, call.var)

    return answer


def _normalises_by_batch(network: nn.Module, pictures: Callable[[], Iterable[torch.Tensor]]) -> bool:
    """True if a layer keeps no statistics of its own."""
    seen: list[bool] = []

    def look(call: Call) -> torch.Tensor:
        seen.append(call.mean is None)
        return call.normalised(None, None)

    first = next(iter(pictures()), None)
    if first is None:
        return False
    with around_forward(network, lambda: BatchNormCalls(look, {})) as asked, torch.inference_mode():
        asked(first[:2])
    return any(seen)


@contextmanager
def _flags_off(module: nn.Module) -> Iterator[None]:
    """Every submodule's `training` flag False, without calling `train()` or `eval()`, which a network may override."""
    parts = [part for part in module.modules() if not isinstance(part, torch.jit.ScriptModule)]
    flags = [part.training for part in parts]
    for part in parts:
        part.training = False
    try:
        yield
    finally:
        for part, flag in zip(parts, flags, strict=True):
            part.training = flag
