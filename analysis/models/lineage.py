"""Where weights come from: a comparison with the model before the expansion, tensor by tensor and class by class."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray

Status = Literal["identical", "related", "unrelated", "missing", "shape differs"]

RELATED_COSINE = 0.5
DECISIVE_NUMEL = 1_000  # the cosine of unrelated tensors is about ± 1/√numel


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorLineage:
    """One tensor of the baseline, compared with the tensor of the same name.

    Attributes:
        name: The tensor's name.
        status: `identical`; `related` (cosine above 0.5); `unrelated`; `missing` in the checkpoint; `shape differs`.
        cosine: −1..1, or NaN where there is nothing to compare.
        change: ‖new − old‖ / ‖old‖, 0 where identical; NaN where there is nothing to compare.
        numel: Number of values in the baseline's tensor.
        decisive: True for weights (two or more dimensions) of at least 1,000 values: only for these is a cosine above
            0.5 no accident. Norm layers are alike in all networks.
    """

    name: str
    status: Status
    cosine: float
    change: float
    numel: int
    decisive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A checkpoint compared with its baseline, in the order of the baseline's tensors.

    Attributes:
        tensors: One entry a tensor of the baseline.
        added: Names only the checkpoint has.
    """

    tensors: tuple[TensorLineage, ...]
    added: tuple[str, ...]

    def counts(self, *, decisive: bool = False) -> dict[Status, int]:
        """Return the number of tensors a status, all five; with `decisive` only of those that decide."""
        found = Counter(tensor.status for tensor in self.tensors if tensor.decisive or not decisive)
        return {status: found[status] for status in ("identical", "related", "unrelated", "missing", "shape differs")}

    @property
    def same_family(self) -> bool | None:
        """True where most decisive tensors are identical or related, None where none can be compared."""
        counts = self.counts(decisive=True)
        kin = counts["identical"] + counts["related"]
        compared = kin + counts["unrelated"]
        return kin / compared > 0.5 if compared else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRows:
    """Head rows compared with the baseline's. S is the number of names that both lists have.

    Attributes:
        names: (S,) the shared class names, in the order of the new list.
        new_index: (S,) their rows in the new head.
        old_index: (S,) their rows in the baseline's head.
        by_name: (S,) cosine −1..1 between the rows of the same name; NaN for rows of zeros or NaN.
        by_position: (min of both lengths,) cosine between the rows of the same position.
    """

    names: tuple[str, ...]
    new_index: IntArray
    old_index: IntArray
    by_name: FloatArray
    by_position: FloatArray


def compare_states(
    state: Mapping[str, torch.Tensor], baseline: Mapping[str, torch.Tensor], *, ignore: Sequence[str] = ()
) -> Lineage:
    """Compare weights with those of a baseline, by name.

    Args:
        state: The checkpoint's tensors by name.
        baseline: The baseline's tensors by the same names.
        ignore: Names left out, such as the head's, whose rows are compared by class instead.

    Returns:
        The comparison. Whole numbers, such as batch counters, are left out.
    """
    names = [name for name, tensor in baseline.items() if tensor.is_floating_point() and name not in ignore]
    return Lineage(
        tensors=tuple(_compare(name, state.get(name), baseline[name]) for name in names),
        added=tuple(name for name in state if name not in baseline and name not in ignore),
    )


def compare_head_rows(
    weight: FloatArray, names: Sequence[str], old_weight: FloatArray, old_names: Sequence[str]
) -> HeadRows | None:
    """Compare head rows with the baseline's, by class name and by position.

    Args:
        weight: (C, D) the head.
        names: Class names by row; rows beyond the list have none.
        old_weight: (C', D) the baseline's head.
        old_names: Its class names by row.

    Returns:
        The cosines, or None where the heads are on embeddings of different dimensions or share no name.
    """
    old_rows = {name: row for row, name in enumerate(old_names[: len(old_weight)])}
    shared = [(name, row, old_rows[name]) for row, name in enumerate(names[: len(weight)]) if name in old_rows]
    if weight.shape[1] != old_weight.shape[1] or not shared:
        return None
    new_index = np.array([row for _, row, _ in shared], dtype=np.int64)
    old_index = np.array([row for _, _, row in shared], dtype=np.int64)
    common = min(len(weight), len(old_weight))
    return HeadRows(
        names=tuple(name for name, _, _ in shared),
        new_index=new_index,
        old_index=old_index,
        by_name=row_cosines(weight[new_index], old_weight[old_index]),
        by_position=row_cosines(weight[:common], old_weight[:common]),
    )


def row_cosines(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the cosine of each pair of rows, (R,) from two (R, D); NaN where a row has no direction."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    dots = (a * b).sum(axis=1)
    result: FloatArray = np.divide(dots, lengths, out=np.full(len(a), np.nan), where=lengths > 0)
    return result


def _compare(name: str, tensor: torch.Tensor | None, old: torch.Tensor) -> TensorLineage:
    decisive = old.ndim >= 2 and old.numel() >= DECISIVE_NUMEL
    cosine = change = float("nan")
    if tensor is None:
        status: Status = "missing"
    elif tensor.shape != old.shape:
        status = "shape differs"
    else:
        tensor = tensor.to(old.device)  # the network may be on a GPU, the file never is
        cosine, change = _distance(tensor.flatten().double(), old.flatten().double())
        status = "related" if cosine > RELATED_COSINE else "unrelated"
        status = "identical" if torch.equal(tensor, old.to(tensor.dtype)) else status
    return TensorLineage(name=name, status=status, cosine=cosine, change=change, numel=old.numel(), decisive=decisive)


def _distance(new: torch.Tensor, old: torch.Tensor) -> tuple[float, float]:
    """Return cosine and relative change of two flat tensors; NaN where a length is zero."""
    new_length, old_length = float(new.norm()), float(old.norm())
    cosine = float(new @ old) / (new_length * old_length) if new_length and old_length else float("nan")
    change = float((new - old).norm()) / old_length if old_length else float("nan")
    return cosine, change
