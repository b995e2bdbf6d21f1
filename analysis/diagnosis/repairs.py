"""Undoing a fault: the stored answers with the head's outputs renamed, shifted, dropped or replaced, or asked again.

A repair is a function Predictions → Predictions; repairs are applied one after another.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.predictions import Predictions, winner
from analysis.diagnosis.wide_top import places_of_largest

_TOP = 32
_BLOCK = 1024


class Repair(Protocol):
    """Anything that turns predictions into predictions and says how many numbers were fitted."""

    @property
    def parameters(self) -> int:
        """How many numbers were fitted; 0 for an exact repair."""

    def apply(self, predictions: Predictions) -> Predictions:
        """Answers with the fault undone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rename:
    """Let each output column stand for another class; (C,), −1 = no class."""

    column_class: IntArray
    parameters: int

    def apply(self, predictions: Predictions) -> Predictions:
        """The same logits under other names; a column of no class is dropped."""
        dropped = predictions.column_dropped | (self.column_class < 0)
        return replace(predictions, column_class=np.asarray(self.column_class), column_dropped=dropped)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shift:
    """Add a number of logits to each column; (C,)."""

    offset: FloatArray
    parameters: int

    def apply(self, predictions: Predictions) -> Predictions:
        """Logits plus the offset, on top of earlier offsets."""
        return replace(predictions, column_offset=predictions.column_offset + self.offset)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drop:
    """Take columns out of the vote; (C,) True = out."""

    dropped: BoolArray
    parameters: int = 0

    def apply(self, predictions: Predictions) -> Predictions:
        """The best of the columns that remain."""
        return replace(predictions, column_dropped=predictions.column_dropped | self.dropped)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReplaceRows:
    """Put other rows into the head and ask it again, from the embeddings.

    Attributes:
        embeddings: (N, D) of all samples of the predictions it is applied to.
        weight: (R, D) float32 new rows. bias: (R,). columns: (R,) where they go.
    """

    embeddings: FloatArray
    weight: FloatArray
    bias: FloatArray
    columns: IntArray
    parameters: int

    def apply(self, predictions: Predictions) -> Predictions:
        """Stored candidates with the replaced columns' logits exchanged and the others kept."""
        kept, width = predictions.index.shape[1], min(len(self.columns), _TOP)
        index = np.empty((len(predictions), kept + width), dtype=np.int32)
        logit = np.empty((len(predictions), kept + width), dtype=np.float32)
        replaced = np.zeros(predictions.columns + 1, dtype=np.bool_)
        replaced[self.columns] = replaced[-1] = True  # padding, −1, is the last one
        for start in range(0, len(predictions), _BLOCK):
            rows = slice(start, start + _BLOCK)
            gone = replaced[predictions.index[rows]]
            index[rows, :kept] = np.where(gone, -1, predictions.index[rows])
            logit[rows, :kept] = np.where(gone, -np.inf, predictions.logit[rows])
            z = np.asarray(self.embeddings[rows], dtype=np.float32) @ self.weight.T + self.bias
            top = np.argpartition(-z, width - 1, axis=1)[:, :width]
            index[rows, kept:], logit[rows, kept:] = self.columns[top], np.take_along_axis(z, top, axis=1)
        alive = predictions.column_dropped.copy()
        alive[self.columns] = False
        return replace(
            predictions,
            index=index,
            logit=logit,
            logsumexp=np.full(len(predictions), -np.inf),
            column_dropped=alive,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regroup:
    """Store other candidates of the same logits: the best of two groups of columns that the reader did not know.

    Attributes:
        index: (N, K) columns. logit: (N, K) before any repair. logsumexp: (N,).
    """

    index: IntArray
    logit: FloatArray
    logsumexp: FloatArray
    parameters: int = 0

    @classmethod
    def of_head(cls, embeddings: FloatArray, weight: FloatArray, bias: FloatArray, groups: BoolArray) -> "Regroup":
        """The top 32 of each group of columns from F Wᵀ + b, a block of samples at a time.

        Args:
            embeddings: (N, D).
            weight: (C, D).
            bias: (C,).
            groups: (C,) which of the two groups a column is in.
        """
        parts = [part for side in (False, True) if len(part := np.flatnonzero(groups == side))]
        order = np.concatenate(parts)  # each group's columns stand together, so that a group is a view
        ends = np.cumsum([len(part) for part in parts])
        sides = [slice(end - len(part), end) for part, end in zip(parts, ends, strict=True)]
        rows_by_group, bias_by_group = weight[order].T, bias[order]
        width = sum(min(_TOP, len(part)) for part in parts)
        index = np.empty((len(embeddings), width), dtype=np.int32)
        logit = np.empty((len(embeddings), width), dtype=np.float32)
        total = np.empty(len(embeddings))
        held = np.empty((min(_BLOCK, len(embeddings)), len(order)), dtype=np.float32)
        for start in range(0, len(embeddings), _BLOCK):
            rows = slice(start, start + _BLOCK)
            some = np.asarray(embeddings[rows], dtype=np.float32)
            z = np.matmul(some, rows_by_group, out=held[: len(some)])
            z += bias_by_group
            places = np.hstack([side.start + _top(z[:, side]) for side in sides])
            index[rows], logit[rows] = order[places], np.take_along_axis(z, places, axis=1)
            total[rows] = _logsumexp_in_place(z)
        return cls(index=index, logit=logit, logsumexp=total)

    def apply(self, predictions: Predictions) -> Predictions:
        """The same predictions of all N samples with these candidates."""
        return replace(predictions, index=self.index, logit=self.logit, logsumexp=self.logsumexp)


def _top(z: FloatArray) -> IntArray:
    """Places of the largest 32 of each row; NaN counts as the largest."""
    has_nan = bool(np.isnan(z.max(axis=1)).any())
    return places_of_largest(np.where(np.isnan(z), np.inf, z) if has_nan else z, min(_TOP, z.shape[1]))


def _logsumexp_in_place(z: FloatArray) -> FloatArray:
    """(n,) of (n, C), which is lost: copies of a block cost more time than the sum."""
    top = z.max(axis=1)
    z -= top[:, None]
    np.exp(z, out=z)
    return np.asarray(top + np.log(z.sum(axis=1)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rerun:
    """Other answers of all N samples: the same pictures under another preprocessing or state of the network.

    Attributes:
        source: the variant. index: (N, K) columns. logit: (N, K) before any repair. logsumexp: (N,).
    """

    source: str
    index: IntArray
    logit: FloatArray
    logsumexp: FloatArray
    parameters: int = 0

    def apply(self, predictions: Predictions) -> Predictions:
        """These candidates under the names, offsets and omissions that are in place; replaced rows are lost."""
        return replace(predictions, index=self.index, logit=self.logit, logsumexp=self.logsumexp, source=self.source)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Realign:
    """Give each sample the label that another row of the file carries; (N,) row of each, of all N samples."""

    source: IntArray
    parameters: int

    def apply(self, predictions: Predictions) -> Predictions:
        """The same answers held against other labels."""
        return replace(predictions, label=predictions.label[self.source])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relabel:
    """Give every sample another label; (N,) class, of all N samples."""

    label: IntArray
    parameters: int = 0

    def apply(self, predictions: Predictions) -> Predictions:
        """The same answers held against these labels."""
        return replace(predictions, label=np.asarray(self.label, dtype=np.int64))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Merge:
    """Count several classes as one; (C,) the class each class counts as."""

    into: IntArray
    parameters: int

    def apply(self, predictions: Predictions) -> Predictions:
        """Labels and outputs under the merged names; of merged outputs the larger logit counts."""
        known = predictions.column_class >= 0
        column_class = np.where(known, self.into[predictions.column_class], predictions.column_class)
        return replace(predictions, label=self.into[predictions.label], column_class=column_class)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Both:
    """One repair after another, as one."""

    first: Repair
    second: Repair

    @property
    def parameters(self) -> int:
        """Of both."""
        return self.first.parameters + self.second.parameters

    def apply(self, predictions: Predictions) -> Predictions:
        """First the first, then the second."""
        return self.second.apply(self.first.apply(predictions))


def best_of(predictions: Predictions, columns: BoolArray) -> tuple[FloatArray, IntArray]:
    """Largest logit and its column among some columns, for every sample.

    Args:
        predictions: N samples.
        columns: (C,) True = takes part.

    Returns:
        logit (N,) float64, −inf where none is stored; column (N,), −1 there.
    """
    best = np.full(len(predictions), -np.inf)
    column = np.full(len(predictions), -1, dtype=np.int64)
    for rows, logit in predictions.blocks():
        index = predictions.index[rows]
        held = np.where((index >= 0) & columns[index], logit, -np.inf)
        column[rows] = winner(held, index)
        best[rows] = np.where(np.isnan(held).any(axis=1), np.inf, held.max(axis=1))
    return best, column
