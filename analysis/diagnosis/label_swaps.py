"""One class systematically labelled as another: told from a confusion by direction and by how typical the pictures are.

Letters: N samples, C classes, K stored candidates.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.significance import binomial_tail, wilson

_AGREEMENT = 0.8  # of the neighbours get the same prediction
_FEWEST_TYPICAL = 5
_FEWEST = 4  # typical samples under the other label
_LEAST_SHARE = 0.05  # of the class
_USUAL = 0.02  # of the typical samples of a class carry one certain other label in healthy sets, at most
_BEARING_OUT = 0.25  # of the neighbours under one of both labels bear the true one
_ALPHA = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Samples of one class carry the label of another.

    Attributes:
        true, written: class indices.
        typical: samples predicted `true` as surely as its typical members. under: of these, labelled `written`.
        back: the same in the other direction.
        samples: estimated number of such labels. low, high: 95 % interval.
        share: of the samples of class `true`, estimated, 0..1.
    """

    true: int
    written: int
    typical: int
    under: int
    back: int
    samples: float
    low: float
    high: float
    share: float


def label_swaps(
    predicted: IntArray,
    confidence: FloatArray,
    label: IntArray,
    neighbours: IntArray,
    classes: int,
    *,
    candidate: IntArray,
    likely: FloatArray,
) -> tuple[Swap, ...]:
    """Find pairs of classes with systematic wrong labels.

    A sample is typical of its predicted class if four in five neighbours get the same prediction and it is at least as
    confident as half of those that also carry the label. Labels play no part in who is typical of a class beyond that
    threshold. A swap needs 5 % of the typical samples under one certain other label, significantly more than 2 % and
    what the calibrated model expects, with all pairs of classes counted as tests, and significantly more than in the
    other direction. And pictures around those
    samples must bear the true label: where a weak head takes one class for another, all of them bear the written one.

    Args:
        predicted: (N,) class, −1 = none.
        confidence: (N,) its probability.
        label: (N,) class.
        neighbours: (N, k) sample numbers, −1 = none.
        classes: C.
        candidate: (N, K) classes, −1 = none.
        likely: (N, K) their calibrated probabilities: a weak model expects the other label of some typical samples.
    """
    typical = _typical(predicted, confidence, label, neighbours, classes)
    j, y = predicted[typical], label[typical]
    codes, count = np.unique(j * classes + y, return_counts=True)
    found = dict(zip(codes.tolist(), count.tolist(), strict=True))
    size = np.bincount(j, minlength=classes)
    members = np.bincount(label[(label == predicted)], minlength=classes)
    swaps = []
    for code, under in found.items():
        true, written = divmod(code, classes)
        total, back = int(size[true]), found.get(written * classes + true, 0)
        if true == written or under < max(_FEWEST, _LEAST_SHARE * total):
            continue
        of_true = np.flatnonzero(typical)[j == true]
        expected = float(np.where(candidate[of_true] == written, likely[of_true], 0).sum()) / total
        p = binomial_tail(under, total, _USUAL + expected) * classes * (classes - 1)
        if max(p, binomial_tail(under, under + back, 0.5)) > _ALPHA:
            continue
        under_it = neighbours[of_true[label[of_true] == written]]
        if _bearing(label[np.maximum(under_it, 0)], under_it >= 0, true, written) < _BEARING_OUT:
            continue
        own = found.get(true * classes + true, 0)
        scale = members[true] / own if own else 1.0
        low, high = (bound * total * scale for bound in wilson(under, total))
        samples = under * scale
        share = samples / (samples + members[true])
        swaps.append(
            Swap(
                true=true, written=written, typical=total, under=under, back=back,
                samples=samples, low=low, high=high, share=float(share),
            )
        )  # fmt: skip
    return tuple(sorted(swaps, key=lambda swap: -swap.samples))


def _bearing(label: IntArray, there: BoolArray, true: int, written: int) -> float:
    """Share of neighbours under the true label, among those under either."""
    with_true, with_written = int(((label == true) & there).sum()), int(((label == written) & there).sum())
    return with_true / max(1, with_true + with_written)


def _typical(
    predicted: IntArray, confidence: FloatArray, label: IntArray, neighbours: IntArray, classes: int
) -> BoolArray:
    near = neighbours[:, :10]
    there = near >= 0
    alike = (predicted[np.maximum(near, 0)] == predicted[:, None]) & there
    agreed = alike.sum(axis=1) >= _AGREEMENT * np.maximum(1, there.sum(axis=1))
    right = np.flatnonzero((predicted == label) & (label >= 0))
    order = right[np.lexsort((confidence[right], label[right]))]
    count = np.bincount(label[right], minlength=classes)
    start = np.cumsum(count) - count
    middle = np.full(classes, np.inf)
    enough = count >= _FEWEST_TYPICAL
    middle[enough] = confidence[order[start[enough] + count[enough] // 2]]
    return np.asarray((predicted >= 0) & agreed & (confidence >= middle[np.maximum(predicted, 0)]))


def swap_probability(
    swaps: tuple[Swap, ...], candidate: IntArray, probability: FloatArray, label: IntArray
) -> FloatArray:
    """How likely each label is one of the swaps, (N,), 0..1: probability of the true class weighted by its swaps.

    Args:
        swaps: as found by `label_swaps`.
        candidate: (N, K) classes, −1 = none.
        probability: (N, K).
        label: (N,).
    """
    found = np.zeros(len(label))
    for swap in swaps:
        rows = np.flatnonzero(label == swap.written)
        true, own = (
            np.where(candidate[rows] == c, probability[rows], 0).sum(axis=1) for c in (swap.true, swap.written)
        )
        weight = swap.share * true
        found[rows] = np.maximum(found[rows], weight / np.maximum(weight + own, 1e-12))
    return found
