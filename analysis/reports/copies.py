"""Copies of pictures: which belong together, and what accuracy is without them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.arrays import BoolArray, IntArray
from analysis.reports.per_class import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of n with its 95 % interval after Wilson, 0..1; all NaN where n is 0."""

    value: float
    low: float
    high: float
    n: int


def share_of(successes: float, n: int) -> Share:
    """`successes` of `n`; halves and thirds of a success are allowed."""
    low, high = wilson(np.array([successes]), np.array([n]))
    return Share(value=successes / n if n else float("nan"), low=float(low[0]), high=float(high[0]), n=n)


def copy_groups(pairs: pd.DataFrame, n: int) -> IntArray:
    """Which of n samples show one picture: copies of a copy are copies.

    Args:
        pairs: `sample_id` and `other`, one row a pair.
        n: Samples.

    Returns:
        (n,) number of the group, the largest group first and the one with the smallest sample id among equals; −1 for
        samples without a copy.
    """
    first, second = pairs["sample_id"].to_numpy(dtype=np.int64), pairs["other"].to_numpy(dtype=np.int64)
    links = coo_array((np.ones(len(first), dtype=np.bool_), (first, second)), shape=(n, n))
    _, part = connected_components(links.tocsr(), directed=False)
    _, earliest, number, size = np.unique(part, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((earliest, -size))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return np.where(size[number] > 1, place[number], -1).astype(np.int64)


def accuracy_once(correct: BoolArray, group: IntArray) -> Share:
    """Accuracy where every picture counts once: the copies of one share its single vote, whatever their order.

    Args:
        correct: (n,).
        group: (n,) as in `copy_groups`.
    """
    alone, copied = group < 0, group >= 0
    votes, size = np.bincount(group[copied], weights=correct[copied]), np.bincount(group[copied])
    shared = float((votes / np.maximum(size, 1)).sum())
    return share_of(float(correct[alone].sum()) + shared, int(alone.sum()) + len(size))


def accuracy_of(correct: BoolArray, chosen: BoolArray) -> Share:
    """Accuracy of the chosen samples, both (n,)."""
    return share_of(float(correct[chosen].sum()), int(chosen.sum()))


def same_mix(correct: BoolArray, label: IntArray, left_out: BoolArray) -> Share:
    """Accuracy without some samples, every class weighted as in the whole set: a change is then no change of classes.

    Classes of which nothing is left count with neither weight.

    Args:
        correct: (n,).
        label: (n,) class, ≥ 0.
        left_out: (n,).

    Source:
        Direct standardisation; variance Σ w²·r(1−r)/n of the strata, as in Cochran 1977, ch. 5.
    """
    classes = int(label.max(initial=-1)) + 1
    size = np.bincount(label, minlength=classes).astype(np.float64)
    kept = np.bincount(label[~left_out], minlength=classes)
    right = np.bincount(label[~left_out & correct], minlength=classes)
    has = kept > 0
    if not has.any():
        return share_of(0, 0)
    rate, weight = right[has] / kept[has], size[has] / size[has].sum()
    value = float((weight * rate).sum())
    half = 1.959963984540054 * float(np.sqrt((weight**2 * rate * (1 - rate) / kept[has]).sum()))
    return Share(value=value, low=max(0.0, value - half), high=min(1.0, value + half), n=int(kept.sum()))


def best_of_leaks(leaks: pd.DataFrame) -> pd.DataFrame:
    """One row a leaked sample: its most alike training picture; `row` is the place in `leaks`."""
    ordered = leaks.assign(row=np.arange(len(leaks))).sort_values(
        ["sample_id", "similarity"], ascending=[True, False], kind="stable"
    )
    best: pd.DataFrame = ordered.drop_duplicates("sample_id", ignore_index=True)
    return best


def conflicting(group: IntArray, label: IntArray) -> BoolArray:
    """(n,) True for samples whose group of copies carries several labels."""
    inside = group >= 0
    groups = int(group.max(initial=-1)) + 1
    low, high = np.full(groups, np.iinfo(np.int64).max), np.full(groups, -1)
    np.minimum.at(low, group[inside], label[inside])
    np.maximum.at(high, group[inside], label[inside])
    found = np.zeros(len(group), dtype=np.bool_)
    found[inside] = (low != high)[group[inside]]
    return found
