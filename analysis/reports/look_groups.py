"""Failing slices by how pictures look, as clusters beside those of the embeddings.

Letters: N samples.
"""

from collections.abc import Sequence

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.reports.slices import Slice

_LEAST_SIZE = 20
_LEAST_RATIO = 2.0  # times the expected errors: a little worse are dark or blurred pictures in every model
_MOST_OF_ONE = 0.75  # of the errors
_SAME = 0.7  # Jaccard index from which on a cluster is the group already
_LEAST_LEFT = 10  # samples of a cluster that gave some away


def with_look_groups(
    cluster: IntArray, failing: Sequence[Slice], label: IntArray, wrong: BoolArray
) -> tuple[IntArray, dict[int, str]]:
    """The clusters with such groups among them, and what those look like: number → expression.

    A group takes its samples from the clusters they were in, unless one of these is that group already. What a cluster
    has left is in none where it is too little to be one. Errors of one class alone make no group: eights that are
    labelled as zeros look unlike zeros.

    Args:
        cluster: (N,) −1 = in none.
        failing: slices of the N samples, surest first.
        label: (N,) class.
        wrong: (N,) True where the prediction is wrong.
    """
    found, looks = np.array(cluster, dtype=np.int32), dict[int, str]()
    for one in failing:
        errors = np.bincount(label[one.inside & wrong])
        is_of_one_class = errors.max(initial=0) > _MOST_OF_ONE * errors.sum()
        too_few = one.whole.size < _LEAST_SIZE or one.whole.errors < _LEAST_RATIO * one.whole.expected
        if too_few or is_of_one_class:
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
