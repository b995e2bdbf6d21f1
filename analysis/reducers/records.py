"""Per-sample records: all the reports need of a row of C logits, in at most 64 candidates and a dozen numbers."""

from collections.abc import Sequence

import numpy as np
import torch

from analysis.arrays import AnyArray
from analysis.reducers.column_groups import ColumnGroups
from analysis.reducers.group_statistics import GroupPartition, GroupTop, group_partition, group_top
from analysis.reducers.ordering import largest_first

CHUNK_ELEMENTS = 1 << 18
"""Logits in a chunk of rows: 1 MB of float32, which stays in a core's cache between the passes over it."""

Records = dict[str, torch.Tensor]


class RecordReducer:
    """Keeps the records of every row that streams by; `merge` joins two, `result` orders them by position.

    n: rows of a batch; C: outputs; K ≤ 64: kept candidates.
    """

    def __init__(self, columns: ColumnGroups) -> None:
        """Start with no rows; `columns` is the order of the logits handed to `update`."""
        self.columns = columns
        self._parts: list[Records] = []

    def update(self, positions: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        """Take in a batch.

        Args:
            positions: (n,) int64, a number for each sample, the same however the data is cut into batches.
            logits: (n, C) float32 in the grouped order; overwritten.
            labels: (n,) int64 class indices; one that has no output makes label_logit, loss and margin NaN.
        """
        rows = max(1, CHUNK_ELEMENTS // self.columns.outputs) if logits.device.type == "cpu" else max(1, len(logits))
        scratch = torch.empty_like(logits[:rows])
        for start in range(0, len(logits), rows):
            chunk = slice(start, start + rows)
            records = _records(logits[chunk], labels[chunk], self.columns, scratch)
            self._parts.append({"position": positions[chunk], "label_index": labels[chunk].int(), **records})

    def merge(self, other: "RecordReducer") -> None:
        """Take over the rows of another reducer of the same columns."""
        self._parts.extend(other._parts)

    def result(self) -> dict[str, AnyArray]:
        """All records, one array a column, rows ordered by position.

        Returns:
            float32 label_logit, confidence (0..1), loss (nats), margin, entropy (nats), logsumexp, topk_logit (N, K);
            int32 label_index, label_rank, prediction_index, nonfinite (count), topk_index (N, K); bool correct;
            int64 position; where there are old and new classes also, for each group G of the two, float32 max_logit_G,
            mean_logit_G, logsumexp_G and int32 best_G_index (−1 where the group has no output).
        """
        if not self._parts:
            return {}
        joined = {name: torch.cat([part[name] for part in self._parts]).cpu().numpy() for name in self._parts[0]}
        order = np.argsort(joined["position"], kind="stable")
        return {name: np.ascontiguousarray(values[order]) for name, values in joined.items()}


def _records(logits: torch.Tensor, labels: torch.Tensor, columns: ColumnGroups, scratch: torch.Tensor) -> Records:
    label_column = columns.column(labels)
    label_logit = _label_logit(logits, label_column)
    groups = [group for group in columns.slices if group.stop > group.start]
    tops = [group_top(logits[:, group]) for group in groups]
    records = {
        "label_logit": label_logit,
        "label_rank": torch.where(label_column < 0, columns.outputs, _count_above(logits, label_logit, tops)).int(),
        "nonfinite": _nonfinite(logits, tops),
    }
    partitions = [  # from here on the logits are overwritten
        group_partition(logits[:, group], top.logit[:, 0], scratch[: len(logits), group])
        for group, top in zip(groups, tops, strict=True)
    ]
    records |= _group_records(columns, tops, partitions)
    return records | _row_records(columns, tops, partitions, label_logit, labels)


def _label_logit(logits: torch.Tensor, label_column: torch.Tensor) -> torch.Tensor:
    found = logits.gather(1, label_column.clamp(min=0)[:, None])[:, 0]
    return torch.where(label_column < 0, torch.nan, found)


def _count_above(logits: torch.Tensor, label_logit: torch.Tensor, tops: Sequence[GroupTop]) -> torch.Tensor:
    """Number of logits strictly greater than the label's; the kept ones suffice where they reach down to it."""
    certain = torch.stack([label_logit >= top.holds_all for top in tops]).all()
    if certain:
        return torch.stack([(top.logit > label_logit[:, None]).sum(1) for top in tops]).sum(0)
    return (logits > label_logit[:, None]).sum(1)


def _nonfinite(logits: torch.Tensor, tops: Sequence[GroupTop]) -> torch.Tensor:
    """Count NaN and infinities; a sum that is finite proves there are none."""
    counts = torch.zeros(len(logits), dtype=torch.int32, device=logits.device)
    suspect = ~torch.isfinite(torch.stack([top.total for top in tops])).all(0)
    if suspect.any():
        counts[suspect] = (~torch.isfinite(logits[suspect])).sum(1).int()
    return counts


def _group_records(columns: ColumnGroups, tops: Sequence[GroupTop], partitions: Sequence[GroupPartition]) -> Records:
    if len(columns.sizes) == 1:
        return {}
    records: Records = {}
    remaining = iter(zip(tops, partitions, strict=True))
    rows = len(tops[0].total)
    device = tops[0].total.device
    for name, group in zip(("old", "new"), columns.slices, strict=True):
        if group.stop == group.start:
            records |= _absent_group(name, rows, device)
            continue
        top, sums = next(remaining)
        records[f"max_logit_{name}"] = top.logit[:, 0]
        records[f"best_{name}_index"] = columns.class_index(top.column[:, 0] + group.start).int()
        records[f"mean_logit_{name}"] = top.total / (group.stop - group.start)
        records[f"logsumexp_{name}"] = (sums.shift + torch.log(sums.partition)).float()
    return records


def _absent_group(name: str, rows: int, device: torch.device) -> Records:
    unknown = torch.full((rows,), torch.nan, device=device)
    index = torch.full((rows,), -1, dtype=torch.int32, device=device)
    floats = dict.fromkeys((f"max_logit_{name}", f"mean_logit_{name}", f"logsumexp_{name}"), unknown)
    return {**floats, f"best_{name}_index": index}


def _row_records(
    columns: ColumnGroups,
    tops: Sequence[GroupTop],
    partitions: Sequence[GroupPartition],
    label_logit: torch.Tensor,
    labels: torch.Tensor,
) -> Records:
    """Join the groups. With M the row's largest logit, S = Σ exp(l − M): loss = M − label + log S, entropy as below."""
    starts = [group.start for group in columns.slices if group.stop > group.start]
    candidates = torch.cat([top.column + start for top, start in zip(tops, starts, strict=True)], dim=1)
    logit, index = largest_first(torch.cat([top.logit for top in tops], dim=1), columns.class_index(candidates))
    peak = logit[:, 0]
    shift = torch.where(torch.isfinite(peak), peak, 0.0).double()
    partition, weighted = _joined(partitions, shift)
    log_partition = torch.log(partition)
    prediction = index[:, 0]
    return {
        "prediction_index": prediction.int(),
        "correct": prediction == labels,
        "confidence": (torch.exp(peak.double() - shift) / partition).float(),
        "loss": (shift - label_logit.double() + log_partition).float(),
        "margin": label_logit - _best_other(logit, prediction == labels),
        "entropy": (log_partition - weighted / partition).clamp(min=0.0).float(),
        "logsumexp": (shift + log_partition).float(),
        "topk_index": index.int(),
        "topk_logit": logit,
    }


def _joined(partitions: Sequence[GroupPartition], shift: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Σ exp(l − M) and Σ exp(l − M) · (l − M) over all groups, from the groups' own sums."""
    partition, weighted = torch.zeros_like(shift), torch.zeros_like(shift)
    for sums in partitions:
        scale = torch.where(sums.partition == 0.0, 0.0, torch.exp(sums.shift - shift))
        partition += scale * sums.partition
        weighted += scale * (sums.weighted + (sums.shift - shift) * sums.partition)
    return partition, weighted


def _best_other(logit: torch.Tensor, label_is_first: torch.Tensor) -> torch.Tensor:
    """The largest logit that is not the label's; NaN where there is only one class."""
    second = logit[:, 1] if logit.shape[1] > 1 else torch.full_like(logit[:, 0], torch.nan)
    return torch.where(label_is_first, second, logit[:, 0])
