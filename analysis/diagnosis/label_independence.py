"""Labels that have nothing to do with the answers, though the answers make sense: the label column was shuffled.

Letters: n samples.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import IntArray
from analysis.diagnosis.significance import Interval, binomial_tail, wilson
from analysis.diagnosis.view import View

DEPENDENT = 3.0  # standard deviations
CONSISTENT = 0.2  # of a picture's neighbours get the same answer
_SHUFFLES = 199
_COMPARED = 20_000
_NEAR_CHANCE = 4.0  # standard errors
_FAVOURED = 0.08  # of the answers: healthy models favour some classes as well, broken ones most of theirs
_TIMES_LABELS = 5.0  # as often as the same label
_SURE = 0.2  # mean confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Independence:
    """What speaks for labels that have nothing to do with the pictures.

    Attributes:
        why_not: what speaks against, as a clause; only `chance` is set beside it then. "" where nothing does.
        chance: accuracy (fraction) of answers dealt at random.
        deviations: see `_dependence`; at most `DEPENDENT`.
        distance: total variation (0..1) between how often classes are answered and occur; at most `most_distance`.
        own: share of neighbours with the same answer beyond that with the same label. labels: that with the same label.
        p: one-sided, of so many neighbours with the same answer by chance.
    """

    why_not: str = ""
    chance: float = 0.0
    deviations: float = 0.0
    distance: float = 0.0
    most_distance: float = 0.0
    own: Interval | None = None
    labels: float = 0.0
    p: float = 1.0


def independence(view: View, accuracy: float) -> Independence:
    """Whether labels are dealt at random over answers that make sense in themselves.

    Cheapest first: accuracy near chance, independence, equal marginals, answers that agree with their neighbours.

    Args:
        view: n samples.
        accuracy: fraction of their answers that are right.
    """
    label, predicted, n = view.label, view.predictions.predicted, len(view)
    shares = [np.bincount(values[values >= 0], minlength=view.classes) / n for values in (label, predicted)]
    chance = float((shares[0] * shares[1]).sum())

    def no(why: str) -> Independence:
        return Independence(why_not=why, chance=chance)

    if accuracy > chance + _NEAR_CHANCE * np.sqrt(max(chance, 1 / n) / n):
        return no(f"{100 * accuracy:.1f} % of the answers are right, {100 * chance:.2g} % would be by chance")
    deviations = _dependence(label, predicted)
    if deviations > DEPENDENT:
        return no("which class is answered still depends on the label")
    distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
    order = np.random.default_rng(0).permutation(n)
    halves = [np.bincount(label[half], minlength=view.classes) / max(1, len(half)) for half in np.array_split(order, 2)]
    usual = float(np.abs(halves[0] - halves[1]).sum() / 2)
    most = 2 * usual + _FAVOURED
    if distance > most:
        return no("the answers favour other classes than the labels do, so the model itself is at fault")
    if view.run.neighbours is None:
        return no("nothing shows that the answers make sense in themselves")
    own, others = _agreement(view, predicted), _agreement(view, label)
    confidence = float(np.nanmean(view.column("confidence")))
    pairs = n * view.run.neighbours[0].shape[1]
    if own < max(CONSISTENT, _TIMES_LABELS * others) or confidence < _SURE:
        return no("the answers do not make sense in themselves either, so the model itself is at fault")
    low, high = wilson(own * n, n)
    interval = Interval(value=own - others, low=low - others, high=high - others)
    p = binomial_tail(int(own * n), n, min(0.99, max(chance, 1 / pairs)))
    return Independence(
        chance=chance, deviations=deviations, distance=distance, most_distance=most, own=interval, labels=others, p=p
    )


def _dependence(label: IntArray, predicted: IntArray) -> float:
    """Standard deviations by which pairs of samples that share label and answer exceed what shuffled labels give."""
    rng = np.random.default_rng(0)
    some = rng.permutation(len(label))[:_COMPARED]
    label, predicted = label[some], predicted[some].astype(np.int64)
    size = int(max(label.max(initial=0), predicted.max(initial=0))) + 2

    def pairs(labels: IntArray) -> float:
        count = np.unique(labels * size + predicted, return_counts=True)[1].astype(np.float64)
        return float((count * (count - 1)).sum())

    shuffled = np.array([pairs(rng.permutation(label)) for _ in range(_SHUFFLES)])
    return float((pairs(label) - shuffled.mean()) / max(float(shuffled.std()), 1.0))


def _agreement(view: View, values: IntArray) -> float:
    """Share of a sample's neighbours that carry the same value, on average."""
    assert view.run.neighbours is not None
    usual = int(np.median(np.bincount(view.label)[np.unique(view.label)]))
    index = view.run.neighbours[0][view.rows][:, : int(np.clip(usual - 1, 1, 10))]
    same = (values[np.maximum(index, 0)] == values[:, None]) & (index >= 0)
    return float(same.sum() / max(1, int((index >= 0).sum())))
