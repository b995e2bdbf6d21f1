"""Per-sample records: all the reports need of a row of C logits, in at most 64 candidates and a dozen numbers."""

from collections.abc import Sequence

import numpy as np
import torch

from analysis.arrays import AnyArray
from analysis.reducers.column_groups import ColumnGroups
from analysis.reducers.group_statistics import GroupStatistics
from analysis.reducers.ordering import largest_first
from analysis.reducers.reduction import Reduction, reduce_logits

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
        label_column = self.columns.column(labels)
        label_logit = _label_logit(logits, label_column)
        reduction = reduce_logits(logits, label_logit, self.columns)
        records = {
            "position": positions,
            "label_index": labels.int(),
            "label_logit": label_logit,
            "label_rank": torch.where(label_column < 0, self.columns.outputs, reduction.above).int(),
            "nonfinite": reduction.nonfinite,
        }
        of_groups = _group_records(self.columns, reduction)
        self._parts.append(records | of_groups | _row_records(self.columns, reduction, label_logit, labels))

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


def _label_logit(logits: torch.Tensor, label_column: torch.Tensor) -> torch.Tensor:
    found = logits.gather(1, label_column.clamp(min=0)[:, None])[:, 0]
    return torch.where(label_column < 0, torch.nan, found)


def _group_records(columns: ColumnGroups, reduction: Reduction) -> Records:
    if len(columns.sizes) == 1:
        return {}
    records: Records = {}
    found = dict(reduction.groups)
    for name, group in zip(("old", "new"), columns.slices, strict=True):
        if group.stop == group.start:
            records |= _absent_group(name, reduction.above)
            continue
        statistics = found[group.start]
        records[f"max_logit_{name}"] = statistics.logit[:, 0].clone()
        records[f"best_{name}_index"] = columns.class_index(statistics.column[:, 0] + group.start).int()
        records[f"mean_logit_{name}"] = statistics.total / (group.stop - group.start)
        log_partition = torch.log(statistics.partition.double())
        records[f"logsumexp_{name}"] = (statistics.shift.double() + log_partition).float()
    return records


def _absent_group(name: str, like: torch.Tensor) -> Records:
    unknown = torch.full_like(like, torch.nan, dtype=torch.float32)
    floats = dict.fromkeys((f"max_logit_{name}", f"mean_logit_{name}", f"logsumexp_{name}"), unknown)
    return {**floats, f"best_{name}_index": torch.full_like(like, -1, dtype=torch.int32)}


def _row_records(
    columns: ColumnGroups, reduction: Reduction, label_logit: torch.Tensor, labels: torch.Tensor
) -> Records:
    """Join the groups. With M the row's largest logit and S = Σ exp(l − M): loss = M − label's logit + log S."""
    candidates = torch.cat([statistics.column + start for start, statistics in reduction.groups], dim=1)
    logits = torch.cat([statistics.logit for _, statistics in reduction.groups], dim=1)
    logit, index = largest_first(logits, columns.class_index(candidates))
    peak = logit[:, 0]
    shift = torch.where(torch.isfinite(peak), peak, 0.0).double()
    partition, weighted = _joined([statistics for _, statistics in reduction.groups], shift)
    log_partition = torch.log(partition)
    is_correct = index[:, 0] == labels
    return {
        "prediction_index": index[:, 0].int(),
        "correct": is_correct,
        "confidence": (torch.exp(peak.double() - shift) / partition).float(),
        "loss": (shift - label_logit.double() + log_partition).float(),
        "margin": label_logit - _best_other(logit, is_correct),
        "entropy": (log_partition - weighted / partition).clamp(min=0.0).float(),
        "logsumexp": (shift + log_partition).float(),
        "topk_index": index.int(),
        "topk_logit": logit,
    }


def _joined(groups: Sequence[GroupStatistics], shift: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Σ exp(l − M) and Σ exp(l − M) · (l − M) over all groups, from the groups' own sums, in float64."""
    partition, weighted = torch.zeros_like(shift), torch.zeros_like(shift)
    for group in groups:
        above = group.shift.double() - shift
        scale = torch.where(group.partition == 0.0, 0.0, torch.exp(above))
        partition += scale * group.partition
        weighted += scale * (group.weighted + above * group.partition)
    return partition, weighted


def _best_other(logit: torch.Tensor, label_is_first: torch.Tensor) -> torch.Tensor:
    """The largest logit that is not the label's; NaN where there is only one class."""
    second = logit[:, 1] if logit.shape[1] > 1 else torch.full_like(logit[:, 0], torch.nan)
    return torch.where(label_is_first, second, logit[:, 0])
