"""Which classes are taken for which others, from the sparse counts; nothing here is C × C."""

import numpy as np
import pandas as pd

from analysis.arrays import IntArray

_KEYS = ["label_index", "prediction_index"]


def confused_pairs(confusions: pd.DataFrame, count: int | None = None) -> pd.DataFrame:
    """Pairs of different classes, the most frequent first.

    Args:
        confusions: `label_index`, `prediction_index`, `count`, one row a pair that occurs.
        count: How many at most; None for all.

    Returns:
        `label_index`, `prediction_index`, `count` and `share`, the part (0..1) of the label's samples that goes this
        way. Equal counts are in order of the indices.
    """
    label, prediction, counted = (confusions[name].to_numpy() for name in (*_KEYS, "count"))
    support = np.bincount(label - label.min(initial=0), weights=counted)
    wrong = np.flatnonzero(label != prediction)
    order = wrong[_most_frequent_first(label[wrong], prediction[wrong], counted[wrong])][:count]
    return pd.DataFrame(
        {
            "label_index": label[order],
            "prediction_index": prediction[order],
            "count": counted[order],
            "share": counted[order] / support[label[order] - label.min(initial=0)],
        }
    )


def thieves(confusions: pd.DataFrame, wrong: pd.DataFrame | None = None) -> pd.DataFrame:
    """Classes that take the samples of others, the greediest first.

    Args:
        confusions: As above.
        wrong: All its confused pairs, where they are known already: sorting them is most of the work.

    Returns:
        `prediction_index`, `taken` (samples of other classes given to it), `victims` (how many classes they come from),
        `main_victim` (the label most of them have; the lowest index among equals), `from_main_victim`.
    """
    wrong = confused_pairs(confusions) if wrong is None else wrong
    label, prediction, counted = (wrong[name].to_numpy() for name in (*_KEYS, "count"))
    victims = np.bincount(prediction)
    takers = np.flatnonzero(victims)
    taken = np.bincount(prediction, weights=counted).astype(np.int64)
    main = np.empty(len(victims), dtype=np.int64)
    main[prediction[::-1]] = np.arange(len(wrong))[::-1]  # the first pair of each taker, as the last write stays
    order = takers[np.argsort(-taken[takers], kind="stable")]
    return pd.DataFrame(
        {
            "prediction_index": order,
            "taken": taken[order],
            "victims": victims[order],
            "main_victim": label[main[order]],
            "from_main_victim": counted[main[order]],
        }
    )


def top_matrix(confusions: pd.DataFrame, top: int, wrong: pd.DataFrame | None = None) -> tuple[IntArray, IntArray]:
    """Counts between the classes of the most frequent pairs, all others together in the last row and column.

    Pairs choose the classes, not the number of errors: with thousands of classes the partners of the worst ones would
    mostly be missing, and everything would stand under “other”.

    Args:
        confusions: As above.
        top: How many classes at most.
        wrong: All its confused pairs, where they are known already.

    Returns:
        Class indices (T,), ascending; counts (T + 1, T + 1) int64, rows are labels. The sum of all counts is N.
    """
    chosen = _first_classes(confused_pairs(confusions) if wrong is None else wrong, top)
    side = len(chosen) + 1
    label, prediction = (_place(confusions[key].to_numpy(), chosen) for key in _KEYS)
    counts = np.bincount(label * side + prediction, weights=confusions["count"], minlength=side * side)
    return chosen, counts.astype(np.int64).reshape(side, side)


def grouped(confusions: pd.DataFrame, group: IntArray) -> pd.DataFrame:
    """The same counts between larger groups of classes.

    Args:
        confusions: As above.
        group: (C,) number of the group of each class.

    Returns:
        As `confusions`, with numbers of groups; a pair of equal ones holds what stays within a group, right or wrong.
    """
    places = {key: group[confusions[key].to_numpy()] for key in _KEYS}
    table = pd.DataFrame({**places, "count": confusions["count"].to_numpy()})
    return table.groupby(_KEYS, sort=True).sum().reset_index()


def _most_frequent_first(label: IntArray, prediction: IntArray, count: IntArray) -> IntArray:
    """The order of pairs by falling count; equal counts by label and prediction, as nearly all tables already stand."""
    same = label[1:] == label[:-1]
    if np.any(label[1:] < label[:-1]) or np.any(same & (prediction[1:] < prediction[:-1])):
        return np.lexsort((prediction, label, -count))
    rarer = count.max(initial=0) - count
    return np.argsort(rarer.astype(np.min_scalar_type(rarer.max(initial=0))), kind="stable")  # small numbers by radix


def _first_classes(wrong: pd.DataFrame, top: int) -> IntArray:
    """The first classes that occur in the pairs, at most `top`, ascending; looks no further than it must."""
    pairs = wrong[_KEYS].to_numpy(dtype=np.int64)
    looked = max(1, top)
    while True:
        in_order = pairs[:looked].ravel()
        _, first = np.unique(in_order, return_index=True)
        if len(first) >= top or looked >= len(pairs):
            return np.sort(in_order[np.sort(first)[:top]])
        looked *= 4


def _place(index: IntArray, chosen: IntArray) -> IntArray:
    """The place of each class among the chosen ones; their number for all others."""
    lowest = min(index.min(initial=0), chosen.min(initial=0))
    highest = max(index.max(initial=0), chosen.max(initial=0))
    place = np.full(highest - lowest + 1, len(chosen), dtype=np.int64)
    place[chosen - lowest] = np.arange(len(chosen))
    found: IntArray = place[index - lowest]
    return found
