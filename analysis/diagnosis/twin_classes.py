"""Classes that are one concept under two names: how a model and a probe tell two classes apart.

Letters: n samples, C classes, D dimensions, P pairs of classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.arrays import FloatArray, IntArray
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.separation import Separation, separation

_MOST_PROBED = 100  # samples of a class
_RIDGE = 0.1  # of the mean squared length


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixing:
    """Answers to samples of two classes, or of several pairs together.

    Attributes:
        n: samples of the pairs. within: answered with one of the two. right: with the right one. mutual: the smaller
            number of the two ways of mixing them up (summed over pairs).
    """

    n: int
    within: int
    right: int
    mutual: int

    @property
    def mixed(self) -> float:
        """Share of the samples answered with the other class of the pair, 0..1."""
        return (self.within - self.right) / self.n if self.n else 0.0

    @property
    def share_within(self) -> float:
        """Share answered with either class, 0..1."""
        return self.within / self.n if self.n else 0.0

    @property
    def told_apart(self) -> float:
        """Of the samples answered with either, the share answered right; ½ = not told apart."""
        return self.right / self.within if self.within else 0.5


def mixing_of(label: IntArray, predicted: IntArray, pairs: IntArray, classes: int) -> list[Mixing]:
    """How each pair of classes, (P, 2), is mixed up.

    Args:
        label: (n,).
        predicted: (n,) class, −1 = none.
        pairs: (P, 2) classes.
        classes: C.
    """
    support = np.bincount(label, minlength=classes)
    held = predicted >= 0
    keys, count = np.unique(label[held] * classes + predicted[held], return_counts=True)

    def counted(row: IntArray, column: IntArray) -> IntArray:
        wanted = row * classes + column
        place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        return np.where(keys[place] == wanted, count[place], 0) if len(keys) else np.zeros(len(wanted), np.int64)

    a, b = pairs[:, 0], pairs[:, 1]
    aa, bb, ab, ba = counted(a, a), counted(b, b), counted(a, b), counted(b, a)
    return [
        Mixing(n=int(n), within=int(w), right=int(r), mutual=int(m))
        for n, w, r, m in zip(support[a] + support[b], aa + bb + ab + ba, aa + bb, np.minimum(ab, ba), strict=True)
    ]


def pooled(mixings: Sequence[Mixing]) -> Mixing:
    """All pairs together."""
    return Mixing(
        n=sum(m.n for m in mixings),
        within=sum(m.within for m in mixings),
        right=sum(m.right for m in mixings),
        mutual=sum(m.mutual for m in mixings),
    )


def mutual_pairs(label: IntArray, predicted: IntArray, classes: int, *, least: int) -> IntArray:
    """Pairs (P, 2), smaller class first, that are mixed up at least `least` times in both directions.

    Args:
        label: (n,).
        predicted: (n,) class, −1 = none.
        classes: C.
        least: samples in each direction.
    """
    wrong = (predicted >= 0) & (predicted != label)
    keys, count = np.unique(label[wrong] * classes + predicted[wrong], return_counts=True)
    keys = keys[count >= least]
    row, column = keys // classes, keys % classes
    both = np.isin(keys, column * classes + row) & (row < column)
    return np.column_stack([row[both], column[both]])


def merged(pairs: IntArray, classes: int) -> IntArray:
    """The class each class counts as, (C,): the first of its group.

    Args:
        pairs: (P, 2) classes that are one.
        classes: C.
    """
    into = np.arange(classes)
    for a, b in pairs.tolist():
        first, second = sorted((int(into[a]), int(into[b])))
        into[into == second] = first
    return into


def margins(predictions: Predictions, pairs: IntArray) -> Separation:
    """How far the model itself prefers the right class of each pair, over all pairs: logit of one minus the other.

    Args:
        predictions: n samples; those labelled with a class of a pair are looked at.
        pairs: (P, 2) classes.
    """
    found = Separation()
    rows = _rows_of(predictions.label, pairs)
    for a, b in pairs.tolist():
        some = np.r_[rows.get(a, _NONE), rows.get(b, _NONE)]
        classes, logit = predictions.classes(some), predictions.logits(some)
        of_a, of_b = (np.where(classes == c, logit, -np.inf).max(axis=1, initial=-np.inf) for c in (a, b))
        with np.errstate(invalid="ignore"):
            margin = np.where(np.isneginf(of_a) & np.isneginf(of_b), 0.0, of_a - of_b)
        found += separation(margin, predictions.label[some] == a)
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Probed:
    """What probes of pairs said of held-out samples: right answers among how many, and how well they rank them."""

    right: int = 0
    total: int = 0
    apart: Separation = field(default_factory=Separation)

    def __add__(self, other: "Probed") -> "Probed":
        return Probed(right=self.right + other.right, total=self.total + other.total, apart=self.apart + other.apart)

    @property
    def accuracy(self) -> float:
        """0..1; ½ where nothing was asked."""
        return self.right / self.total if self.total else 0.5


def probe(fit: tuple[FloatArray, IntArray], score: tuple[FloatArray, IntArray], pairs: IntArray) -> Probed:
    """A probe for each pair, fitted on some samples and scored on others.

    Ridge regression to ±1 in the space of the samples, at most 100 of a class.

    Args:
        fit: embeddings (m, D) and labels (m,).
        score: likewise, other samples.
        pairs: (P, 2) classes.

    Source:
        Fisher 1936; equal to linear discriminants with a shrunken covariance (Hastie et al. 2009, 4.3).
    """
    found = Probed()
    by_class = [_rows_of(labels, pairs) for _, labels in (fit, score)]
    for a, b in pairs.tolist():
        fit_a, fit_b = by_class[0].get(a, _NONE)[:_MOST_PROBED], by_class[0].get(b, _NONE)[:_MOST_PROBED]
        new_a, new_b = by_class[1].get(a, _NONE)[:_MOST_PROBED], by_class[1].get(b, _NONE)[:_MOST_PROBED]
        if not len(fit_a) or not len(fit_b) or not len(new_a) + len(new_b):
            continue
        x = np.asarray(fit[0][np.r_[fit_a, fit_b]], dtype=np.float64)
        centre = (x[: len(fit_a)].mean(axis=0) + x[len(fit_a) :].mean(axis=0)) / 2
        x -= centre
        y = np.r_[np.full(len(fit_a), 1 / len(fit_a)), np.full(len(fit_b), -1 / len(fit_b))] * len(x) / 2
        kernel = x @ x.T
        ridge = _RIDGE * max(float(np.trace(kernel)), 1e-12)
        weight = x.T @ np.linalg.solve(kernel + ridge * np.eye(len(x)), y)
        z = (np.asarray(score[0][np.r_[new_a, new_b]], dtype=np.float64) - centre) @ weight
        is_a = np.arange(len(z)) < len(new_a)
        found += Probed(right=int(((z > 0) == is_a).sum()), total=len(z), apart=separation(z, is_a))
    return found


_NONE: IntArray = np.zeros(0, dtype=np.int64)


def _rows_of(labels: IntArray, pairs: IntArray) -> dict[int, IntArray]:
    rows = np.flatnonzero(np.isin(labels, pairs))
    rows = rows[np.argsort(labels[rows], kind="stable")]
    classes, starts = np.unique(labels[rows], return_index=True)
    return dict(zip(classes.tolist(), np.split(rows, starts[1:]), strict=True)) if len(rows) else {}
