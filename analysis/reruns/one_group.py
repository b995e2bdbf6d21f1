"""A preprocessing for the pictures of one group of classes alone: the other training may have prepared them otherwise.

All pictures together speak against it, and so does the first layer, which knows the training of the network and not
that of the new rows. Letters: n samples, C classes.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.reruns.answers import Answers
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant

AXIS = "one_group"
_LEAST = 0.02  # of all samples: a smaller gain is none


def losing_group(answers: Answers, label: IntArray, is_old: BoolArray) -> bool | None:
    """Whose samples are more often taken for the other group's: True for the old classes', False for the new ones'.

    Args:
        answers: of all n samples.
        label: (n,) class.
        is_old: (C,) True where a class is an old one.

    Returns:
        None where that happens to fewer than 2 % of all samples: no preprocessing of that group could give back more.
    """
    first = np.nan_to_num(answers.logit, nan=np.inf).argmax(axis=1)[:, None]
    predicted = np.take_along_axis(answers.index, first, axis=1)[:, 0]
    known = (predicted >= 0) & (predicted < len(is_old))
    lost = known & (is_old[np.where(known, predicted, 0)] != is_old[label])
    old, new = (float((lost & (is_old[label] == side)).mean()) for side in (True, False))
    return None if max(old, new) < _LEAST else old > new


def for_one_group(subject: Subject, variants: Iterable[Variant], old: bool) -> list[Variant]:
    """The same variants for the pictures of one group of classes alone.

    Args:
        subject: what is re-run; it knows which classes are old.
        variants: of one base.
        old: True for the old classes, False for the new ones.
    """
    assert subject.is_old is not None
    rows = np.flatnonzero(subject.is_old[subject.label] == old)
    words = f"{'old' if old else 'new'} classes alone"
    return [
        replace(
            variant,
            id=f"{variant.id}-{words.replace(' ', '-')}",
            axis=AXIS,
            label=f"{variant.label}, {words}",
            rows=rows,
        )
        for variant in variants
    ]
