"""The largest logits of a row in an order that equal logits and NaN leave no choice in."""

import torch

BLOCK = 8
MANY = 2048  # up to here torch.topk itself is as fast


def largest(logits: torch.Tensor, kept: int, *, all_finite: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """`torch.topk`, with the order of equal logits settled: lower column first, NaN before all.

    The first entry is `torch.argmax`'s choice. Which of several equal logits is kept last stays open.

    Args:
        logits: (n, G).
        kept: k, 1 ≤ k ≤ G.
        all_finite: True promises that there is no NaN and no infinity; it saves a pass.

    Returns:
        (n, k) logits and (n, k) int64 columns.
    """
    top, column = _topk(logits, kept)
    if all_finite and not _has_ties(top):
        return top, column
    top, column = largest_first(top, column)
    return top, _with_first_largest(column, logits.argmax(1))


def largest_first(values: torch.Tensor, index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Sort each row by value, largest first, equal ones (and NaN) by index.

    Args:
        values: (n, k).
        index: (n, k), distinct within a row.
    """
    by_value = torch.sort(values, dim=1, descending=True)
    if not _has_ties(by_value.values) and not torch.isnan(by_value.values[:, 0]).any():
        return by_value.values, index.gather(1, by_value.indices)
    by_index = torch.sort(index, dim=1)
    values = values.gather(1, by_index.indices)
    settled = torch.sort(values, dim=1, descending=True, stable=True)
    return settled.values, by_index.values.gather(1, settled.indices)


def _topk(logits: torch.Tensor, kept: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`torch.topk`; of many columns only those in the blocks with the largest maxima, where all of the largest must be.

    A block is every B-th column, so that the maxima of B blocks are one vectorised pass.
    """
    rows, count = logits.shape
    blocks = count // BLOCK
    if count < MANY or kept > blocks:
        top, column = torch.topk(logits, kept, dim=1)
        return top, column
    maxima = logits[:, : blocks * BLOCK].view(rows, BLOCK, blocks).amax(1)
    chosen = torch.topk(maxima, kept, dim=1, sorted=False).indices
    members = torch.arange(0, blocks * BLOCK, blocks, device=logits.device)
    columns = (chosen[:, None, :] + members[:, None]).flatten(1)
    if blocks * BLOCK < count:
        rest = torch.arange(blocks * BLOCK, count, device=logits.device)
        columns = torch.cat([columns, rest.expand(rows, -1)], dim=1)
    top, place = torch.topk(logits.gather(1, columns), kept, dim=1)
    return top, columns.gather(1, place)


def _has_ties(descending: torch.Tensor) -> bool:
    return bool((descending[:, 1:] == descending[:, :-1]).any())


def _with_first_largest(column: torch.Tensor, first: torch.Tensor) -> torch.Tensor:
    """Put the first of all largest logits in front; where it is not among the kept, an equal one makes room.

    It is missing only where every kept logit equals it, so the values stay as they are.
    """
    missing = ~(column == first[:, None]).any(1)
    shifted = torch.cat([first[:, None], column[:, :-1]], dim=1)
    return torch.where(missing[:, None], shifted, column)
