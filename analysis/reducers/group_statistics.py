"""What is kept of one group of logits: the largest, their sum, the partition sum and the entropy sum."""

from dataclasses import dataclass
from typing import Self

import torch

from analysis.reducers.ordering import largest

KEPT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStatistics:
    """Of n rows and one group of G columns; k = min(32, G). m: a row's largest logit, 0 where that is not finite.

    Attributes:
        logit: (n, k) float32 the largest logits, largest first, NaN before all, equal ones in column order.
        column: (n, k) int64 their columns inside the group.
        total: (n,) float32 sum of all G logits.
        partition: (n,) float32 Σ exp(l − m).
        weighted: (n,) float32 Σ exp(l − m) · (l − m).
    """

    logit: torch.Tensor
    column: torch.Tensor
    total: torch.Tensor
    partition: torch.Tensor
    weighted: torch.Tensor

    @classmethod
    def empty(cls, rows: int, columns: int, device: torch.device) -> Self:
        """Memory for the statistics of `rows` rows."""
        kept = min(KEPT, columns)
        return cls(
            logit=torch.empty((rows, kept), device=device),
            column=torch.empty((rows, kept), dtype=torch.int64, device=device),
            total=torch.empty(rows, device=device),
            partition=torch.empty(rows, device=device),
            weighted=torch.empty(rows, device=device),
        )

    def __getitem__(self, rows: slice) -> Self:
        return type(self)(
            logit=self.logit[rows],
            column=self.column[rows],
            total=self.total[rows],
            partition=self.partition[rows],
            weighted=self.weighted[rows],
        )

    @property
    def shift(self) -> torch.Tensor:
        """(n,) m: what the exponents are relative to, the group's own, so that a far smaller group does not vanish."""
        peak = self.logit[:, 0]
        return torch.where(torch.isfinite(peak), peak, 0.0)

    @property
    def least_kept(self) -> torch.Tensor:
        """(n,) every logit of the group above this one is among the kept."""
        return self.logit[:, -1]


def find_largest(logits: torch.Tensor, into: GroupStatistics) -> None:
    """Fill in the largest logits and the total.

    Args:
        logits: (n, G) float32, G ≥ 1.
        into: Statistics of n rows.
    """
    torch.sum(logits, 1, out=into.total)
    all_finite = bool(torch.isfinite(into.total).all())
    logit, column = largest(logits, into.logit.shape[1], all_finite=all_finite)
    into.logit.copy_(logit)
    into.column.copy_(column)


def sum_up(logits: torch.Tensor, scratch: torch.Tensor, into: GroupStatistics) -> None:
    """Fill in the partition sum and the weighted one.

    Args:
        logits: (n, G) float32; overwritten.
        scratch: (n, G) float32; overwritten.
        into: Statistics of n rows, the largest logits filled in.
    """
    logits.sub_(into.shift[:, None])
    torch.exp(logits, out=scratch)
    torch.sum(scratch, 1, out=into.partition)
    into.weighted.copy_(_weighted_sum(scratch, logits))


def _weighted_sum(weights: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Row by row Σ weight · value, where a weight of 0 counts nothing even at a value of −∞."""
    products = values.mul_(weights)
    sums = products.sum(1)
    broken = torch.isnan(sums)
    if broken.any():
        sums[broken] = torch.where(weights[broken] == 0, 0.0, products[broken]).sum(1)
    return sums
