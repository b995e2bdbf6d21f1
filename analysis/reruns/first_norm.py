"""How far the input of the first BatchNorm lies from the statistics it was trained with: needs no label and no head.

Pictures that are prepared otherwise than in training show here first, whatever happened to the rest of the network.
Letters: c channels of the layer; μ, σ² its running statistics, μ̂, σ̂² those of the pictures; ε its constant.
"""

from dataclasses import dataclass

import numpy as np
import torch

from analysis.arrays import BoolArray, IntArray
from analysis.errors import AnalysisError
from analysis.inference.moving import move
from analysis.inference.network import Normalisation
from analysis.reruns.asking import Asker
from analysis.reruns.batch_norm_calls import BatchNormCalls, Call
from analysis.reruns.conversions import Pixels
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant

PICTURES = 48
FEW = 8  # pictures of a group that say nothing of its mean
AS_IN_TRAINING, OF_A_GROUP = 0.01, 0.03  # variances that right pictures stay below, all of them and some 16 of a group


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstNorm:
    """Distance of a variant's pictures.

    Attributes:
        mean: mean over channels of (μ̂ − μ)² / (σ² + ε), in variances.
        log_variance: mean over channels of |ln((σ̂² + ε) / (σ² + ε))|.
        groups: `mean` of the old and of the new classes' pictures alone; None without a split, or with few of a group.
    """

    mean: float
    log_variance: float
    groups: tuple[float, float] | None

    @property
    def distance(self) -> float:
        """Both together; 0 where the pictures are as in training."""
        return self.mean + self.log_variance

    @property
    def is_as_in_training(self) -> bool:
        """Do the pictures of both groups look as those of training did?"""
        return self.mean <= AS_IN_TRAINING and max(self.groups or (0.0,)) <= OF_A_GROUP

    @property
    def nearest(self) -> float:
        """`mean` of the group whose pictures lie nearer, else of all."""
        return self.mean if self.groups is None else min(self.groups)


def first_norm(asker: Asker, variant: Variant, order: IntArray, is_old: BoolArray | None = None) -> FirstNorm | None:
    """The distance for the first pictures of an order; None where the network has no such layer or refuses them.

    Args:
        asker: its network is closed for this, because an opened one may have its BatchNorm folded away.
        variant: whose `network` is left out: the layer is looked at as it was loaded.
        order: (n,) sample_ids.
        is_old: (N,) True where a sample's class is an old one; None without a split.
    """
    asker.close()
    rows = np.sort(order[:PICTURES])
    try:
        call = _first_call(asker.subject, variant, asker.pixels(variant, rows))
    except (AnalysisError, RuntimeError, ValueError):
        return None
    return None if call is None else _distance(call, None if is_old is None else is_old[rows])


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


def _distance(call: Call, is_old: BoolArray | None) -> FirstNorm | None:
    if call.mean is None or call.var is None:
        return None
    mean, var = call.mean.detach().double().cpu(), call.var.detach().double().cpu()
    pictures = call.input.detach().float()
    values = pictures.transpose(0, 1).flatten(1)
    seen_mean = values.mean(dim=1)
    seen_var = (values - seen_mean[:, None]).square_().mean(dim=1).double().cpu()

    def away(seen: torch.Tensor) -> float:
        return float(((seen.double().cpu() - mean) ** 2 / (var + call.eps)).mean())

    spread = float(torch.log((seen_var + call.eps) / (var + call.eps)).abs().mean())
    if not np.isfinite(away(seen_mean) + spread):
        return None
    sides = _sides(pictures, is_old)
    groups = None if sides is None else (away(sides[0]), away(sides[1]))
    return FirstNorm(mean=away(seen_mean), log_variance=spread, groups=groups)


def _sides(pictures: torch.Tensor, is_old: BoolArray | None) -> tuple[torch.Tensor, torch.Tensor] | None:
    """(c,) mean of every channel, over the old and over the new pictures; None where one of the groups has few."""
    if is_old is None or min(is_old[: len(pictures)].sum(), (~is_old[: len(pictures)]).sum()) < FEW:
        return None
    mean, old = pictures.flatten(2).mean(dim=2), torch.from_numpy(is_old[: len(pictures)]).to(pictures.device)
    return mean[old].mean(dim=0), mean[~old].mean(dim=0)
