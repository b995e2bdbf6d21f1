"""The head's rows beside those that the baseline had for the classes of the same name.

Letters: C outputs here, C° outputs of the baseline, S classes that both have, D dimensions.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.view import View
from analysis.models.shrinkage import soft_threshold
from analysis.runs.run import Run

_BLOCK = 4096  # rows
_POOLED = 1_000_000  # values looked at together
SHRUNK = 0.98
SAME_DIRECTION = 0.02
EVEN = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OldRows:
    """Rows of the classes that both models have, by name.

    Attributes:
        weight: (C, D) this head. old_weight: (C°, D) the baseline's; both whole.
        bias: (C,). old_bias: (C°,).
        here: (S,) rows of `weight`. there: (S,) rows of `old_weight` of the same class.
    """

    weight: FloatArray
    bias: FloatArray
    old_weight: FloatArray
    old_bias: FloatArray
    here: IntArray
    there: IntArray

    @property
    def values(self) -> int:
        """S · D."""
        return int(len(self.here) * self.weight.shape[1])


def old_rows(run: Run) -> OldRows | None:
    """The rows to compare; None without a baseline's head, on embeddings of another size, or without a shared name."""
    if run.head is None or run.baseline is None or run.baseline.head is None:
        return None
    (weight, bias), (old_weight, old_bias) = run.head, run.baseline.head
    here = run.baseline_class[: len(old_weight)]
    there = np.flatnonzero((here >= 0) & (here < len(weight)))
    if weight.shape[1] != old_weight.shape[1] or not len(there):
        return None
    return OldRows(weight=weight, bias=bias, old_weight=old_weight, old_bias=old_bias, here=here[there], there=there)


def old_rows_of(view: View) -> OldRows | None:
    """The same, kept for the run."""
    if "old rows" not in view.shared:
        view.shared["old rows"] = old_rows(view.run)
    found: OldRows | None = view.shared["old rows"]
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shrinkage:
    """How the S rows differ from the baseline's: new = s · old + rest.

    Attributes:
        scale: (S,) s; NaN for rows that are zero or not finite. residual: (S,) ‖new − s·old‖ / ‖old‖.
        constant: c / mean |old| where the rows lost a constant instead of a share, else None.
    """

    scale: FloatArray
    residual: FloatArray
    constant: float | None

    @property
    def only_shrank(self) -> BoolArray:
        """(S,) rows that kept their direction and lost 2 % of their length or more; all where a constant was lost."""
        if self.constant is not None:
            return np.isfinite(self.scale)
        with np.errstate(invalid="ignore"):
            return (self.scale <= SHRUNK) & (self.scale > 0) & (self.residual <= SAME_DIRECTION)


def shrinkage(rows: OldRows) -> Shrinkage:
    """Compare the S rows with the baseline's, a block at a time."""
    scale, residual = np.full(len(rows.here), np.nan), np.full(len(rows.here), np.nan)
    for start in range(0, len(rows.here), _BLOCK):
        part = slice(start, start + _BLOCK)
        new = rows.weight[rows.here[part]].astype(np.float64)
        old = rows.old_weight[rows.there[part]].astype(np.float64)
        with np.errstate(all="ignore"):
            square = (old * old).sum(axis=1)
            scale[part] = (new * old).sum(axis=1) / square
            residual[part] = np.linalg.norm(new - scale[part, None] * old, axis=1) / np.sqrt(square)
    return Shrinkage(scale=scale, residual=residual, constant=_constant(rows, scale))


def _constant(rows: OldRows, scale: FloatArray) -> float | None:
    usable = np.flatnonzero(np.isfinite(scale))
    if not len(usable) or float(np.median(scale[usable])) > SHRUNK:
        return None
    usable = usable[:: max(1, len(usable) * rows.weight.shape[1] // _POOLED)]
    return soft_threshold(rows.weight[rows.here[usable]].ravel(), rows.old_weight[rows.there[usable]].ravel())
