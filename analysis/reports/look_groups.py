"""Failing slices by how pictures look, as clusters beside those of the embeddings.

Letters: N samples.
"""

from collections.abc import Sequence

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.reports.slices import Slice

_LEAST_SIZE = 20
_LEAST_RATIO = 1.5  # times the expected errors: a little worse are dark or blurred pictures in every model
_ALPHA, _LEAST_EXCESS = 0.05, 10.0  # of a group of which it is not certain that it fails much
_MOST_OF_ONE = 0.75  # of the errors
_SAME = 0.7  # Jaccard index from which on a cluster is the group already
_LEAST_LEFT = 10  # samples of a cluster that gave some away


def with_look_groups(
    cluster: IntArray, slices: Sequence[Slice], label: IntArray, wrong: BoolArray
) -> tuple[IntArray, dict[int, str]]:
    """The clusters with such groups among them, and what those look like: number → expression.

    A group takes its samples from the clusters they were in, unless one of these is that group already. What a cluster
    has left is in none where it is too little to be one. Errors of one class alone make no group: eights that are
    labelled as zeros look unlike zeros.

    Args:
        cluster: (N,) −1 = in none.
        slices: of the N samples, surest first; one that is surely worse and by some errors may be a group though it is
            not sure by how much.
        label: (N,) class.
        wrong: (N,) True where the prediction is wrong.
    """
    found, looks = np.array(cluster, dtype=np.int32), dict[int, str]()
    for one in slices:
        if not _is_group(one, np.bincount(label[one.inside & wrong])):
            continue
        among, shared = np.unique(found[one.inside], return_counts=True)
        size = np.array([(found == number).sum() for number in among])
        alike = np.where(among >= 0, shared / (size + one.whole.size - shared), 0.0)
        if alike.max() >= _SAME:
            if alike.max() == 1:  # made before: judging a run again tells the same
                looks[int(among[alike.argmax()])] = one.text
            continue
        number = int(found.max(initial=-1)) + 1
        found[one.inside] = number
        looks[number] = one.text
        left = among[(among >= 0) & (size - shared < _LEAST_LEFT)]
        found[np.isin(found, left)] = -1
    return found, {number: text for number, text in looks.items() if (found == number).any()}


def _is_group(one: Slice, errors: IntArray) -> bool:
    """Large and bad enough, and not one class's; `errors` (C,) are its errors by class."""
    is_certain = one.failing or (one.p_adjusted <= _ALPHA and one.whole.excess >= _LEAST_EXCESS)
    is_bad = one.whole.size >= _LEAST_SIZE and one.whole.errors >= _LEAST_RATIO * one.whole.expected
    return bool(is_certain and is_bad and errors.max(initial=0) <= _MOST_OF_ONE * errors.sum())
