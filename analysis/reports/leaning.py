"""Do predictions lean on an attribute: do some classes gain by one of its values and others lose by the same value?

Letters: N samples, C classes, L levels of the attribute; a cell is one class with one level.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.reports.class_adjusted import ClassAdjusted, Excess


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaning:
    """An attribute, its cells sorted on one half by whether they do better than their class, judged on the other.

    Attributes:
        against: (N,) True in a cell that did worse than its class where it was searched.
        known: (N,) True in cells that the searched half can sort.
        held_out: samples of cells that did worse, against their classes' other samples.
        balance: 0..1, how evenly each level helps some classes and harms others; near 0 where a level harms (almost)
            all of them, as in blurred pictures.
    """

    against: BoolArray
    known: BoolArray
    held_out: Excess
    balance: float


def leaning(
    code: IntArray, levels: int, label: IntArray, wrong: BoolArray, second: BoolArray, *, least: int
) -> Leaning:
    """Sort the cells of one attribute on the first half, judge on the second.

    Args:
        code: (N,) level, −1 = none.
        levels: L.
        label: (N,) class.
        wrong: (N,).
        second: (N,) the held-out half.
        least: samples of the searched half that a level needs.
    """
    _, kind = np.unique(label, return_inverse=True)
    cell = kind.reshape(-1).astype(np.int64) * levels + np.maximum(code, 0)
    first = np.flatnonzero(~second & (code >= 0))
    often = np.bincount(code[first], minlength=levels) >= least
    here = ClassAdjusted(label[first], wrong[first])
    size = (int(kind.max(initial=0)) + 1) * levels
    rate = (here.m / np.maximum(here.n, 1))[here.kind]
    worse = np.bincount(cell[first], wrong[first] - rate, size)
    worse[np.abs(worse) < 1e-9] = 0.0
    sign = np.sign(worse)[cell]
    known = np.asarray((code >= 0) & often[np.maximum(code, 0)] & (sign != 0))
    rows = np.flatnonzero(second & known)
    there = ClassAdjusted(label[rows], wrong[rows])
    return Leaning(
        against=np.asarray(known & (sign > 0)),
        known=known,
        held_out=there.excess(sign[rows] > 0),
        balance=_balance(code[rows], sign[rows], there, levels),
    )


def _balance(code: IntArray, sign: FloatArray, there: ClassAdjusted, levels: int) -> float:
    """Held-out harm and help of each level: the smaller of the two over the larger, over all levels together."""
    rate = (there.m / np.maximum(there.n, 1))[there.kind]
    residual = there.wrong - rate
    harm = np.maximum(np.bincount(code[sign > 0], residual[sign > 0], levels), 0)
    gain = np.maximum(-np.bincount(code[sign < 0], residual[sign < 0], levels), 0)
    larger = float(np.maximum(harm, gain).sum())
    return float(np.minimum(harm, gain).sum()) / larger if larger > 0 else 0.0


def shared_information(
    prediction: IntArray, code: IntArray, label: IntArray, *, shuffles: int, seed: int = 0
) -> tuple[float, float]:
    """I(prediction; attribute | label) in nats, and the mean of it when the attribute is shuffled within each class.

    Args:
        prediction: (N,) class.
        code: (N,) level of the attribute.
        label: (N,) class.
        shuffles: how many.
        seed: of them.
    """
    _, predicted = np.unique(prediction, return_inverse=True)
    _, kind = np.unique(label, return_inverse=True)
    _, level = np.unique(code, return_inverse=True)
    rng = np.random.default_rng(seed)
    order = np.argsort(kind, kind="stable")
    shuffled = []
    for _ in range(shuffles):
        other = np.empty_like(level)
        other[order] = level[order][np.argsort(rng.random(len(kind)) + kind[order])]
        shuffled.append(_information(predicted, other, kind))
    return _information(predicted, level, kind), float(np.mean(shuffled)) if shuffled else 0.0


def _information(a: IntArray, b: IntArray, given: IntArray) -> float:
    """H(a, g) + H(b, g) − H(a, b, g) − H(g), from counts of what occurs."""
    if not len(a):
        return 0.0
    wide, tall = int(a.max()) + 1, int(b.max()) + 1
    both = (given.astype(np.int64) * wide + a) * tall + b
    parts = (given.astype(np.int64) * wide + a, given.astype(np.int64) * tall + b)
    value = _entropy(parts[0]) + _entropy(parts[1]) - _entropy(both) - _entropy(given)
    return max(0.0, value)


def _entropy(values: IntArray) -> float:
    share = np.unique(values, return_counts=True)[1] / len(values)
    return float(-(share * np.log(share)).sum())
