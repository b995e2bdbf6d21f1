"""How far the input of the first BatchNorm lies from the statistics it was trained with: needs no label and no head.

Pictures that are prepared otherwise than in training show here first, whatever happened to the rest of the network.
Letters: c channels of the layer; μ, σ² its running statistics, μ̂, σ̂² those of the pictures; ε its constant.
"""

from dataclasses import dataclass

import numpy as np
import torch

from analysis.arrays import IntArray
from analysis.errors import AnalysisError
from analysis.inference.moving import move
from analysis.inference.network import Normalisation
from analysis.reruns.asking import Asker
from analysis.reruns.batch_norm_calls import BatchNormCalls, Call
from analysis.reruns.conversions import Pixels
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant

PICTURES = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstNorm:
    """Distance of a variant's pictures.

    Attributes:
        mean: mean over channels of (μ̂ − μ)² / (σ² + ε), in variances.
        log_variance: mean over channels of |ln((σ̂² + ε) / (σ² + ε))|.
    """

    mean: float
    log_variance: float

    @property
    def distance(self) -> float:
        """Both together; 0 where the pictures are as in training."""
        return self.mean + self.log_variance


def first_norm(asker: Asker, variant: Variant, order: IntArray) -> FirstNorm | None:
    """The distance for the first pictures of an order; None where the network has no such layer or refuses them.

    Args:
        asker: its network is closed for this, because an opened one may have its BatchNorm folded away.
        variant: whose `network` is left out: the layer is looked at as it was loaded.
        order: (n,) sample_ids.
    """
    asker.close()
    try:
        pixels = asker.pixels(variant, np.sort(order[:PICTURES]))
        call = _first_call(asker.subject, variant, pixels)
    except (AnalysisError, RuntimeError, ValueError):
        return None
    return None if call is None else _distance(call)


class _Reached(Exception):  # noqa: N818  # the way out of a forward pass, not an error
    def __init__(self, call: Call) -> None:
        self.call = call


def _first_call(subject: Subject, variant: Variant, pixels: Pixels) -> Call | None:
    def stop(call: Call) -> torch.Tensor:
        raise _Reached(call)

    module = subject.model.module
    move(module, subject.device)
    batch = subject.model.batch_size or len(pixels)
    pictures = torch.from_numpy(np.ascontiguousarray(pixels)).to(subject.device)
    if len(pictures) < batch:
        return None
    try:
        with torch.inference_mode(), BatchNormCalls(stop, {}):  # it sees no call whole where gradients may be asked for
            module(Normalisation(variant.preprocessing, subject.device)(pictures[:batch]))
    except _Reached as reached:
        return reached.call
    return None


def _distance(call: Call) -> FirstNorm | None:
    if call.mean is None or call.var is None:
        return None
    mean, var = call.mean.detach().double().cpu(), call.var.detach().double().cpu()
    values = call.input.detach().float().transpose(0, 1).flatten(1)
    seen_mean = values.mean(dim=1)
    seen_var = (values - seen_mean[:, None]).square_().mean(dim=1).double().cpu()
    away = ((seen_mean.double().cpu() - mean) ** 2 / (var + call.eps)).mean()
    spread = torch.log((seen_var + call.eps) / (var + call.eps)).abs().mean()
    if not bool(torch.isfinite(away + spread)):
        return None
    return FirstNorm(mean=float(away), log_variance=float(spread))
