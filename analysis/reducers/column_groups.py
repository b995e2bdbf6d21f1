"""The order of logit columns that makes the old and the new classes two slices."""

from dataclasses import dataclass

import numpy as np
import torch

from analysis.arrays import BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGroups:
    """Old columns first, then new ones, each in class order. C: outputs.

    Attributes:
        order: (C,) int64, class index of each grouped column; None where the order is the class order already.
        place: (C,) int64, grouped column of each class index; None likewise.
        sizes: Columns in each group: (old, new), or (C,) without a split.
    """

    order: torch.Tensor | None
    place: torch.Tensor | None
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, is_old: BoolArray | None, outputs: int, device: torch.device | str = "cpu") -> "ColumnGroups":
        """Group the outputs.

        Args:
            is_old: (names,) True where the class was known before; outputs beyond it count as new; None: no split.
            outputs: C.
            device: Where the logits will be.
        """
        if is_old is None:
            return cls(order=None, place=None, sizes=(outputs,))
        old = np.zeros(outputs, dtype=np.bool_)
        old[: len(is_old)] = is_old[:outputs]
        order = np.argsort(~old, kind="stable")
        sizes = (int(old.sum()), int(outputs - old.sum()))
        if np.array_equal(order, np.arange(outputs)):
            return cls(order=None, place=None, sizes=sizes)
        order_tensor = torch.from_numpy(order).to(device)
        return cls(order=order_tensor, place=torch.argsort(order_tensor), sizes=sizes)

    @property
    def outputs(self) -> int:
        """C."""
        return sum(self.sizes)

    @property
    def slices(self) -> tuple[slice, ...]:
        """Columns of each group in the grouped order."""
        ends = np.cumsum(self.sizes).tolist()
        return tuple(slice(end - size, end) for end, size in zip(ends, self.sizes, strict=True))

    def permute(self, logits: torch.Tensor) -> torch.Tensor:
        """Bring (n, C) logits from class order to the grouped order (a copy where the two differ)."""
        return logits if self.order is None else logits.index_select(1, self.order)

    def class_index(self, columns: torch.Tensor) -> torch.Tensor:
        """Class indices of grouped columns, any shape."""
        return columns if self.order is None else self.order[columns]

    def column(self, class_index: torch.Tensor) -> torch.Tensor:
        """Grouped columns of class indices; −1 where the class has no output."""
        has_output = (class_index >= 0) & (class_index < self.outputs)
        safe = torch.where(has_output, class_index, 0)
        return torch.where(has_output, safe if self.place is None else self.place[safe], -1)
