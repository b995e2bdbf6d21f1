"""How many labels are wrong here and there, as seen where classifier and neighbours are surest.

Letters: n samples, r of them looked at.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.significance import Interval, binomial_tail, wilson
from analysis.diagnosis.unlikely_labels import UnlikelyLabels
from analysis.diagnosis.view import View

_USUAL_RATE = 0.003  # wrong labels that well-kept sets have too
_MOSTLY_RIGHT = 0.9  # from here on hard pictures are so few that any label counts that disagrees
_FEWEST_CLASSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Scattered:
    """Among the surest samples: how many labels are counted as wrong, and how many of these hard pictures explain.

    Attributes:
        sure: samples looked at. wrong: labels counted.
        expected: of them, on a healthy model that is right as often as this one.
        missed: factor for wrong labels that are not counted: chance made them the second answer, or a neighbour's.
    """

    sure: int
    wrong: int
    expected: float
    missed: float

    @property
    def share(self) -> Interval:
        """Of wrong labels, with its 95 % interval."""
        low, high = wilson(self.wrong, self.sure)
        usual = self.expected / self.sure if self.sure else 0.0
        value = self.wrong / self.sure if self.sure else 0.0
        value, low, high = (min(1.0, max(0.0, share - usual) * self.missed) for share in (value, low, high))
        return Interval(value=value, low=low, high=high)

    @property
    def p(self) -> float:
        """That hard pictures and the few wrong labels of well-kept sets are as many."""
        usual = self.expected / self.sure if self.sure else 0.0
        return binomial_tail(self.wrong, self.sure, _USUAL_RATE + usual)


def scattered_labels(view: View, found: UnlikelyLabels, some: BoolArray) -> Scattered:
    """Labels that disagree among the surest samples; of models that are often wrong, those that nothing speaks for.

    The surest samples of a weak model hold hard pictures, too; their labels are nearly always its second answer, or
    neighbours carry them. How many wrong labels are counted is seen by giving each of these samples a random one.

    Args:
        view: n samples with neighbours.
        found: their two best answers.
        some: (n,) True for the surest.
    """
    sure, present = int(some.sum()), np.unique(view.label)
    if view.predictions.accuracy >= _MOSTLY_RIGHT or len(present) < _FEWEST_CLASSES:
        wrong = int((some & (view.predictions.predicted != view.label)).sum())
        return Scattered(sure=sure, wrong=wrong, expected=0.0, missed=1.0)
    rows, label = np.flatnonzero(some), view.label
    place = np.searchsorted(present, label[rows])
    random = np.random.default_rng(0).integers(1, len(present), size=len(rows))
    counted = _nothing_speaks_for(view, found, rows, present[(place + random) % len(present)])
    return Scattered(
        sure=sure,
        wrong=int(_nothing_speaks_for(view, found, rows, label[rows]).sum()),
        expected=float(found.expected[rows].sum()),
        missed=1 / max(float(counted.mean()), 0.1) if len(rows) else 1.0,
    )


def _nothing_speaks_for(view: View, found: UnlikelyLabels, rows: IntArray, label: IntArray) -> BoolArray:
    """(r,) True where a label is none of the two best answers and no neighbour carries it."""
    assert view.run.neighbours is not None
    near = view.run.neighbours[0][rows]
    carried = ((view.label[np.maximum(near, 0)] == label[:, None]) & (near >= 0)).any(axis=1)
    return np.asarray(~carried & found.at(rows).beyond_two(label))
