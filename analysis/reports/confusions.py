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
    order = wrong[np.lexsort((prediction[wrong], label[wrong], -counted[wrong]))][:count]
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
    taken = wrong.groupby("prediction_index")
    main = wrong.drop_duplicates("prediction_index").set_index("prediction_index")
    table = pd.DataFrame({"taken": taken["count"].sum(), "victims": taken["label_index"].nunique()})
    table["main_victim"] = main["label_index"]
    table["from_main_victim"] = main["count"]
    order = np.lexsort((table.index.to_numpy(), -table["taken"].to_numpy()))
    return table.iloc[order].reset_index(names="prediction_index")


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
    in_order = (confused_pairs(confusions) if wrong is None else wrong)[_KEYS].to_numpy(dtype=np.int64).ravel()
    _, first = np.unique(in_order, return_index=True)
    chosen = np.sort(in_order[np.sort(first)[:top]])
    counts = np.zeros((len(chosen) + 1, len(chosen) + 1), dtype=np.int64)
    places = [_place(confusions[key].to_numpy(), chosen) for key in _KEYS]
    np.add.at(counts, tuple(places), confusions["count"].to_numpy())
    return chosen, counts


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


def _place(index: IntArray, chosen: IntArray) -> IntArray:
    if not len(chosen):
        return np.zeros(len(index), dtype=np.int64)
    place = np.searchsorted(chosen, index).clip(max=len(chosen) - 1)
    return np.where(chosen[place] == index, place, len(chosen))
