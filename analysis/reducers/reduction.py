"""Every pass over the logits of a batch, chunk of rows by chunk of rows while they are in the cache."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from analysis.reducers.column_groups import ColumnGroups
from analysis.reducers.group_statistics import GroupStatistics, find_largest, sum_up

CHUNK_ELEMENTS = 1 << 18
"""Logits of a chunk for each thread: 1 MB of float32, which stays in a core's cache between the passes over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """What is left of (n, C) logits; C does not appear any more.

    Attributes:
        groups: Statistics of each group that has columns, with the group's first column.
        above: (n,) int64 number of logits strictly greater than the label's.
        nonfinite: (n,) int32 number of logits that are NaN or infinite.
    """

    groups: Sequence[tuple[int, GroupStatistics]]
    above: torch.Tensor
    nonfinite: torch.Tensor


def reduce_logits(logits: torch.Tensor, label_logit: torch.Tensor, columns: ColumnGroups) -> Reduction:
    """Reduce a batch.

    Args:
        logits: (n, C) float32 in the grouped order; overwritten.
        label_logit: (n,) float32.
        columns: The groups.
    """
    slices = [group for group in columns.slices if group.stop > group.start]
    rows = len(logits)
    statistics = [GroupStatistics.empty(rows, group.stop - group.start, logits.device) for group in slices]
    above = torch.empty(rows, dtype=torch.int64, device=logits.device)
    nonfinite = torch.zeros(rows, dtype=torch.int32, device=logits.device)
    step = _rows_of_a_chunk(columns.outputs) if logits.device.type == "cpu" else max(1, rows)
    scratch = torch.empty_like(logits[:step])
    for start in range(0, rows, step):
        chunk = slice(start, min(rows, start + step))
        parts = [(group, whole[chunk]) for group, whole in zip(slices, statistics, strict=True)]
        some = logits[chunk]
        for group, part in parts:
            find_largest(some[:, group], part)
        above[chunk] = _count_above(some, label_logit[chunk], [part for _, part in parts], scratch[: len(some)])
        _count_nonfinite(some, [part for _, part in parts], nonfinite[chunk])
        for group, part in parts:  # from here on the logits are overwritten
            sum_up(some[:, group], scratch[: len(some), group], part)
    starts = [group.start for group in slices]
    return Reduction(groups=tuple(zip(starts, statistics, strict=True)), above=above, nonfinite=nonfinite)


def _rows_of_a_chunk(outputs: int) -> int:
    return max(1, CHUNK_ELEMENTS * torch.get_num_threads() // outputs)


def _count_above(
    logits: torch.Tensor, label_logit: torch.Tensor, parts: Sequence[GroupStatistics], scratch: torch.Tensor
) -> torch.Tensor:
    """Logits strictly greater than the label's; the kept ones suffice where they reach down to it."""
    if all(bool((label_logit >= part.least_kept).all()) for part in parts):
        return torch.stack([(part.logit > label_logit[:, None]).sum(1) for part in parts]).sum(0)
    torch.gt(logits, label_logit[:, None], out=scratch)  # as float32, whose sum is four times as fast as that of bool
    return scratch.sum(1).long()


def _count_nonfinite(logits: torch.Tensor, parts: Sequence[GroupStatistics], into: torch.Tensor) -> None:
    """Count NaN and infinities; a sum that is finite proves that there are none."""
    suspect = ~torch.isfinite(torch.stack([part.total for part in parts])).all(0)
    if suspect.any():
        into[suspect] = (~torch.isfinite(logits[suspect])).sum(1).int()
