"""BatchNorm's statistics estimated anew on unlabelled pictures, how far the stored ones lie, and putting them in place.

Letters: n pictures; channels c of a layer; μ, σ² stored statistics; μ̂, σ̂² estimated ones; ε the layer's constant.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import torch
from torch import nn

from analysis.reruns.around_forward import around_forward, unwrapped
from analysis.reruns.batch_norm_calls import BatchNormCalls, Call, Moments, layer_names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """Statistics of one layer's input.

    Attributes:
        mean, var: (c,) float64, estimated: averages over the batches, the variance unbiased.
        stored_mean, stored_var: (c,) float64 as the network holds them, or None where it holds none.
        eps: ε.
        training: True where the network itself uses the statistics of the batch.
    """

    mean: torch.Tensor
    var: torch.Tensor
    stored_mean: torch.Tensor | None
    stored_var: torch.Tensor | None
    eps: float
    training: bool

    def shrunk(self, prior: int, pictures: int) -> Moments:
        """N/(N+n) of the stored statistics and n/(N+n) of the estimated ones, N being `prior`.

        Source: Schneider et al. 2020, arXiv 2006.16971.
        """
        if not prior or self.stored_mean is None or self.stored_var is None:
            return Moments(mean=self.mean, var=self.var)
        kept = prior / (prior + pictures)
        return Moments(
            mean=kept * self.stored_mean + (1 - kept) * self.mean,
            var=kept * self.stored_var + (1 - kept) * self.var,
        )


class _Averages:
    """Cumulative averages by layer, as `momentum=None` keeps them."""

    def __init__(self) -> None:
        self.moments: dict[str, list[Moments]] = {}
        self.first: dict[str, Call] = {}

    def __call__(self, call: Call) -> torch.Tensor:
        self.moments.setdefault(call.name, []).append(call.moments())
        self.first.setdefault(call.name, call)
        return call.normalised(None, None)

    def estimates(self) -> dict[str, Estimate]:
        return {name: self._estimate(name) for name in self.moments}

    def _estimate(self, name: str) -> Estimate:
        seen, call = self.moments[name], self.first[name]
        return Estimate(
            mean=torch.stack([one.mean for one in seen]).mean(0),
            var=torch.stack([one.var for one in seen]).mean(0),
            stored_mean=None if call.mean is None else call.mean.detach().double().cpu().clone(),
            stored_var=None if call.var is None else call.var.detach().double().cpu().clone(),
            eps=call.eps,
            training=call.training,
        )


def estimate(module: nn.Module, batches: Iterable[torch.Tensor]) -> dict[str, Estimate]:
    """Estimate the statistics of every BatchNorm layer, in the order in which they are called.

    Every layer normalises by its batch while this lasts, so that a layer's estimate does not depend on what is stored
    in those before it. The network's own buffers stay as they are.

    Args:
        module: On its device; Python network or program.
        batches: (n, channels, height, width) each, normalised, shuffled over classes, at least 32 pictures.

    Source: Ioffe and Szegedy 2015; re-estimation: Li et al. 2016, arXiv 1603.04779.
    """
    averages, names = _Averages(), layer_names(module)
    with around_forward(module, lambda: BatchNormCalls(averages, names)) as network, torch.inference_mode():
        for pictures in batches:
            network(pictures)
    return averages.estimates()


def distances(estimates: Mapping[str, Estimate]) -> pd.DataFrame:
    """How far the stored statistics lie from the pictures', one row a layer in the order of the forward pass.

    Returns:
        `position`, `layer`, `channels`, `mean_distance` d = mean_c (μ̂−μ)²/(σ²+ε), `var_distance`
        v = mean_c |ln((σ̂²+ε)/(σ²+ε))|, `untouched` (μ ≡ 0 and σ² ≡ 1), `nonfinite` (count), `uses_batch` (the network
        itself normalises by the batch). d and v are NaN where nothing is stored.
    """
    rows = []
    for position, (name, layer) in enumerate(estimates.items()):
        mean, var = layer.stored_mean, layer.stored_var
        row = {"position": position, "layer": name, "channels": len(layer.mean), "uses_batch": layer.training}
        row |= {"mean_distance": float("nan"), "var_distance": float("nan"), "untouched": False, "nonfinite": 0}
        if mean is not None and var is not None:
            spread = var + layer.eps
            row["mean_distance"] = float(((layer.mean - mean).square() / spread).mean())
            row["var_distance"] = float(((layer.var + layer.eps) / spread).log().abs().mean())
            row["untouched"] = bool((mean == 0).all() and (var == 1).all())
            row["nonfinite"] = int((~torch.isfinite(mean)).sum() + (~torch.isfinite(var)).sum())
        rows.append(row)
    columns = ["position", "layer", "channels", "mean_distance", "var_distance", "untouched", "nonfinite", "uses_batch"]
    return pd.DataFrame(rows, columns=columns)


@contextmanager
def in_place(module: nn.Module, moments: Mapping[str, Moments]) -> Iterator[None]:
    """Store statistics in the network's buffers while the context is open; layers without buffers are left alone.

    Args:
        module: Python network or program.
        moments: By layer name.
    """
    held = dict(unwrapped(module).state_dict(keep_vars=True))
    kept: list[tuple[torch.Tensor, torch.Tensor]] = []
    try:
        for name, moment in moments.items():
            for part, value in (("running_mean", moment.mean), ("running_var", moment.var)):
                buffer = held.get(f"{name}.{part}" if name != part else part)
                if buffer is not None:
                    kept.append((buffer, buffer.detach().clone()))
                    buffer.data.copy_(value)
        yield
    finally:
        for buffer, before in reversed(kept):
            buffer.data.copy_(before)
