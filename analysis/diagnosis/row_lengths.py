"""How long the rows of the head are, and whether one group's are longer.

Letters: C output columns. `is_new` is a (C,) mask of the columns of the new group.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import mannwhitneyu

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.view import View

CLEARLY_LONGER = 1.8  # ratio of means; few training images alone make them differ by 1.5
_SEPARATE = 0.8  # Cliff's delta, likewise
_LEAST = 5  # finite rows a group needs before their mean says anything


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Rows of a classification head.

    Attributes:
        length: (C,) Euclidean norm; NaN where not finite or not known.
        bias: (C,) logits; 0 where not finite or not known.
    """

    length: FloatArray
    bias: FloatArray

    def ratio(self, is_new: BoolArray) -> float | None:
        """Mean length of the new rows over that of the old, zeros left out; None with too few rows."""
        new, old = self.length[is_new & (self.length > 0)], self.length[~is_new & (self.length > 0)]
        least = min(_LEAST, int(is_new.sum()), int((~is_new).sum()))
        if not len(new) or not len(old) or min(len(new), len(old)) < least:
            return None
        return float(new.mean() / old.mean())

    def known(self, is_new: BoolArray) -> int:
        """How many rows of both groups have a length."""
        return sum(len(lengths) for lengths in self._both(is_new))

    def cliff(self, is_new: BoolArray) -> float:
        """Cliff's delta: share of pairs whose new row is longer minus share whose old row is; NaN without pairs."""
        new, old = self._both(is_new)
        return 2 * float(mannwhitneyu(new, old).statistic) / (len(new) * len(old)) - 1

    def p_equal(self, is_new: BoolArray) -> float:
        """Two-sided Mann–Whitney p of equally long rows."""
        return float(mannwhitneyu(*self._both(is_new)).pvalue)

    def tell(self, is_new: BoolArray) -> bool:
        """Are the rows of one group clearly longer, and nearly every one of them?"""
        ratio = self.ratio(is_new)
        if ratio is None or abs(np.log(ratio)) < np.log(CLEARLY_LONGER):
            return False
        return abs(self.cliff(is_new)) >= _SEPARATE

    def _both(self, is_new: BoolArray) -> tuple[FloatArray, FloatArray]:
        finite = np.isfinite(self.length)
        return self.length[is_new & finite], self.length[~is_new & finite]


def rows_of(view: View, columns: int) -> Rows:
    """The rows of a run's head; lengths are not known where the head is hidden or does not give the logits."""
    head = view.run.head
    if head is None or len(head[0]) != columns:
        return Rows(length=np.full(columns, np.nan), bias=np.zeros(columns))
    bias = np.where(np.isfinite(head[1]), head[1], 0).astype(np.float64)
    if view.run.embeddings is not None and not view.head_gives_the_logits():
        return Rows(length=np.full(columns, np.nan), bias=bias)
    length = view.once("row lengths", lambda: np.linalg.norm(head[0], axis=1).astype(np.float64))
    return Rows(length=np.where(np.isfinite(length), length, np.nan), bias=bias)
