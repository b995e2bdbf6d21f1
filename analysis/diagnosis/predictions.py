"""What a classifier answered, kept so that repairs of its outputs can be replayed without the model.

Letters: N samples, K stored candidates a sample, C output columns of the head.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray

NO_CLASS = -1
_BLOCK = 8_192  # samples: more at once cost memory and save no time


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """Stored candidates of N samples and what each output column currently stands for.

    Candidates never change when a column is renamed, shifted or dropped: only the three (C,) arrays do, so a repair
    costs no copy of the (N, K) arrays. Exact as long as the winner is among the stored candidates (the top 32 of the
    old and of the new group), which holds for any permutation and for offsets of these two groups.

    Attributes:
        index: (N, K) int32, output column of each candidate, −1 = padding.
        logit: (N, K) float32 as the model gave it, −inf = padding. NaN wins, as in torch.
        logsumexp: (N,) over all columns, before any repair.
        label: (N,) class index.
        column_class: (C,) class each column stands for, −1 = none.
        column_offset: (C,) float64, added to the column's logit.
        column_dropped: (C,) True where a column takes no part.
        source: the re-run the candidates come from, "" = the run itself.
    """

    index: IntArray
    logit: FloatArray
    logsumexp: FloatArray
    label: IntArray
    column_class: IntArray
    column_offset: FloatArray
    column_dropped: BoolArray
    source: str = ""

    @classmethod
    def of_candidates(
        cls, index: IntArray, logit: FloatArray, label: IntArray, columns: int, logsumexp: FloatArray | None = None
    ) -> "Predictions":
        """Predictions before any repair: column j stands for class j.

        Args:
            index: (N, K) columns, −1 = padding.
            logit: (N, K), −inf = padding.
            label: (N,) class indices.
            columns: C, outputs of the head.
            logsumexp: (N,); default: of the stored candidates alone.
        """
        if logsumexp is None:
            logsumexp = _logsumexp(logit)
        return cls(
            index=index,
            logit=logit,
            logsumexp=logsumexp,
            label=np.asarray(label, dtype=np.int64),
            column_class=np.arange(columns),
            column_offset=np.zeros(columns),
            column_dropped=np.zeros(columns, dtype=np.bool_),
        )

    def __len__(self) -> int:
        return len(self.label)

    @property
    def columns(self) -> int:
        """C, outputs of the head."""
        return len(self.column_class)

    def at(self, rows: IntArray | BoolArray) -> "Predictions":
        """The same for some of the samples."""
        return replace(
            self,
            index=self.index[rows],
            logit=self.logit[rows],
            logsumexp=self.logsumexp[rows],
            label=self.label[rows],
        )

    def blocks(self) -> Iterator[tuple[slice, FloatArray]]:
        """Candidates' logits after the repairs, (n, K) float64 a block; padding and dropped columns are −inf."""
        for start in range(0, len(self), _BLOCK):
            rows = slice(start, min(start + _BLOCK, len(self)))
            yield rows, self.logits(rows)

    def logits(self, rows: slice | IntArray | BoolArray) -> FloatArray:
        """Candidates' logits after the repairs for some samples, (n, K) float64; NaN stays NaN."""
        index = self.index[rows]
        if self.columns == 0:
            return np.full(index.shape, -np.inf)
        logit = self.logit[rows] + self.column_offset[index]
        logit[(index < 0) | self.column_dropped[index]] = -np.inf
        return np.asarray(logit)

    def classes(self, rows: slice | IntArray | BoolArray) -> IntArray:
        """Class of each candidate after the repairs, (n, K); −1 for padding and for columns of no class."""
        index = self.index[rows]
        classes = self.column_class[index] if self.columns else np.full_like(index, NO_CLASS)
        return np.where(index < 0, NO_CLASS, classes)

    @cached_property
    def column(self) -> IntArray:
        """(N,) winning column: NaN first, then the largest logit, ties to the lowest column; −1 if none is left."""
        won = np.full(len(self), -1, dtype=np.int64)
        for rows, logit in self.blocks():
            won[rows] = winner(logit, self.index[rows])
        return won

    @cached_property
    def predicted(self) -> IntArray:
        """(N,) predicted class; −1 where no column is left or the winning column stands for no class."""
        if self.columns == 0:
            return np.full(len(self), NO_CLASS)
        return np.where(self.column < 0, NO_CLASS, self.column_class[self.column])

    @cached_property
    def correct(self) -> BoolArray:
        """(N,) True where the predicted class is the label."""
        return np.asarray((self.predicted == self.label) & (self.label >= 0))

    @property
    def accuracy(self) -> float:
        """Share of correct predictions, 0..1; 0 without samples."""
        return float(self.correct.mean()) if len(self) else 0.0

    def probabilities(self, rows: slice | IntArray | BoolArray) -> FloatArray:
        """Softmax of the candidates after the repairs, (n, K) float64.

        The mass of columns that are not stored is taken over unchanged; exact where all C columns are stored or no
        column has an offset. A sample with NaN or +inf logits has probability 1 at those candidates, shared.
        """
        logit = self.logits(rows)
        stored = _logsumexp(self.logit[rows])
        with np.errstate(all="ignore"):
            rest = self.logsumexp[rows] + np.log1p(-np.exp(np.minimum(stored - self.logsumexp[rows], 0)))
            rest = np.where(self.logsumexp[rows] - stored > 1e-5, rest, -np.inf)
            total = np.logaddexp(_logsumexp(logit), rest)
            p = np.exp(logit - total[:, None])
        broken = ~np.isfinite(total)
        if broken.any():
            bad = np.isnan(logit[broken]) | (logit[broken] == np.inf)
            p[broken] = bad / np.maximum(bad.sum(axis=1, keepdims=True), 1)
        return np.asarray(p)

    def as_classes(self, classes: int) -> "Predictions":
        """The same answers with candidates named by class, so that two differently repaired halves can be joined.

        Args:
            classes: C of the result; candidates of no class are dropped.
        """
        index = np.empty(self.index.shape, dtype=np.int32)
        logit = np.empty(self.index.shape, dtype=np.float32)
        for rows, repaired in self.blocks():
            index[rows] = self.classes(rows)
            logit[rows] = np.where(index[rows] < 0, -np.inf, repaired)
        named = Predictions.of_candidates(index, logit, self.label, classes, _repaired_logsumexp(self))
        return replace(named, source=self.source)


def winner(logit: FloatArray, index: IntArray) -> IntArray:
    """Column of the largest logit a row, (n,): NaN wins, ties go to the lowest column, −1 where all are −inf.

    Args:
        logit: (n, K).
        index: (n, K) columns.
    """
    if logit.shape[1] == 0:
        return np.full(len(logit), -1, dtype=np.int64)
    score = np.where(np.isnan(logit), np.inf, logit)
    nan_first = np.isnan(logit) & np.isnan(logit).any(axis=1, keepdims=True)
    top = score.max(axis=1, keepdims=True)
    leads = np.where(np.isnan(logit).any(axis=1, keepdims=True), nan_first, score == top)
    column = np.where(leads, index, np.iinfo(np.int32).max).min(axis=1)
    return np.where(top[:, 0] == -np.inf, -1, column).astype(np.int64)


def lacks_the_best(predictions: Predictions, groups: BoolArray, listed: BoolArray) -> bool:
    """May the best column of one of two groups be missing among the candidates of some sample?

    Candidates are the best of either listed group. What is not stored of a listed group lies below all that is, so the
    best stored column of a group is its best for certain where nothing unstored of it can lie above.

    Args:
        predictions: n samples.
        groups: (C,) which of the two groups each column is in.
        listed: (C,) which listed group it is in, by which the candidates were kept.
    """
    if np.array_equal(groups, listed):
        return False
    for start in range(0, len(predictions), _BLOCK):
        index = predictions.index[start : start + _BLOCK]
        logit = predictions.logit[start : start + _BLOCK]
        logit, held = np.where(np.isnan(logit), np.inf, logit), index >= 0
        for side in (False, True):
            inside = held & (groups[index] == side)
            best = np.where(inside, logit, -np.inf).max(axis=1)
            for place in (False, True):
                stored = held & (listed[index] == place)
                all_stored = (inside & stored).sum(axis=1) == int(((groups == side) & (listed == place)).sum())
                if (~all_stored & (best < np.where(stored, logit, np.inf).min(axis=1))).any():
                    return True
    return False


def join(states: tuple[Predictions, Predictions], scored: BoolArray, classes: int) -> Predictions:
    """Predictions of every sample under the repairs that were not fitted on it.

    Args:
        states: Repaired predictions of all N samples; the first for samples where `scored` is False.
        scored: (N,) True where the second state is the held-out one.
        classes: C of the result.
    """
    first, second = states
    if first is second:
        return first
    a, b = first.as_classes(classes), second.as_classes(classes)
    width = max(a.index.shape[1], b.index.shape[1])
    pick = scored[:, None]
    joined = Predictions.of_candidates(
        np.where(pick, _widen(b.index, width, -1), _widen(a.index, width, -1)),
        np.where(pick, _widen(b.logit, width, -np.inf), _widen(a.logit, width, -np.inf)),
        np.where(scored, second.label, first.label),
        classes,
        np.where(scored, b.logsumexp, a.logsumexp),
    )
    return replace(joined, source=first.source)


def _widen(array: AnyArray, width: int, fill: float) -> AnyArray:
    return np.pad(array, ((0, 0), (0, width - array.shape[1])), constant_values=fill)


def _logsumexp(logit: FloatArray) -> FloatArray:
    if logit.shape[1] == 0:
        return np.full(len(logit), -np.inf)
    top = np.max(logit, axis=1)
    safe = np.where(np.isfinite(top), top, 0)
    with np.errstate(all="ignore"):
        return np.asarray(safe + np.log(np.exp(logit - safe[:, None], dtype=np.float64).sum(axis=1)))


def _repaired_logsumexp(predictions: Predictions) -> FloatArray:
    total = np.empty(len(predictions))
    for rows, logit in predictions.blocks():
        stored, before = _logsumexp(predictions.logit[rows]), predictions.logsumexp[rows]
        with np.errstate(all="ignore"):
            rest = before + np.log1p(-np.exp(np.minimum(stored - before, 0)))
            rest = np.where(before - stored > 1e-5, rest, -np.inf)
            total[rows] = np.logaddexp(_logsumexp(logit), rest)
    return total
