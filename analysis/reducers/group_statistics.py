"""What is kept of one group of logits: the largest, their sum, the partition sum and the entropy sum."""

from dataclasses import dataclass

import torch

from analysis.reducers.ordering import largest

KEPT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTop:
    """Of n rows and one group of G columns; k = min(32, G).

    Attributes:
        logit: (n, k) float32 the largest logits, largest first, NaN before all, equal ones in column order.
        column: (n, k) int64 their columns inside the group.
        total: (n,) float32 sum of all G logits.
    """

    logit: torch.Tensor
    column: torch.Tensor
    total: torch.Tensor

    @property
    def holds_all(self) -> torch.Tensor:
        """(n,) float32: every logit of the group above this value is among the kept ones."""
        return self.logit[:, -1]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPartition:
    """Sums over a group's logits l, with m the largest of them (0 where that is not finite).

    Attributes:
        shift: (n,) float64 m.
        partition: (n,) float64 Σ exp(l − m).
        weighted: (n,) float64 Σ exp(l − m) · (l − m).
    """

    shift: torch.Tensor
    partition: torch.Tensor
    weighted: torch.Tensor


def group_top(logits: torch.Tensor) -> GroupTop:
    """Find the largest logits of one group.

    Args:
        logits: (n, G) float32, G ≥ 1.
    """
    total = logits.sum(1)
    logit, column = largest(logits, min(KEPT, logits.shape[1]), all_finite=bool(torch.isfinite(total).all()))
    return GroupTop(logit=logit, column=column, total=total)


def group_partition(logits: torch.Tensor, peak: torch.Tensor, scratch: torch.Tensor) -> GroupPartition:
    """Sum up one group, shifted by its own largest logit, so that a far smaller group does not vanish.

    Args:
        logits: (n, G) float32; overwritten.
        peak: (n,) largest logit of each row.
        scratch: (n, G) float32; overwritten.
    """
    shift = torch.where(torch.isfinite(peak), peak, 0.0)
    logits.sub_(shift[:, None])
    torch.exp(logits, out=scratch)
    return GroupPartition(
        shift=shift.double(),
        partition=scratch.sum(1).double(),
        weighted=_weighted_sum(scratch, logits).double(),
    )


def _weighted_sum(weights: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Row by row Σ weight · value, where a weight of 0 counts nothing even at a value of −∞."""
    products = values.mul_(weights)
    sums = products.sum(1)
    broken = torch.isnan(sums)
    if broken.any():
        sums[broken] = torch.where(weights[broken] == 0, 0.0, products[broken]).sum(1)
    return sums
