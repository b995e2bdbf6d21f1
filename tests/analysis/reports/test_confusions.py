"""Sparse confusions against scikit-learn's matrix and counts that can be checked by hand."""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from analysis.reports.confusions import confused_pairs, grouped, thieves, top_matrix


def _sparse(label: np.ndarray, prediction: np.ndarray) -> pd.DataFrame:
    pairs = pd.DataFrame({"label_index": label, "prediction_index": prediction})
    return pairs.groupby(["label_index", "prediction_index"]).size().reset_index(name="count")


_BY_HAND = pd.DataFrame(
    [(0, 0, 6), (0, 2, 4), (1, 1, 5), (1, 2, 4), (1, 0, 1), (2, 2, 9), (2, 1, 1), (3, 3, 7)],
    columns=["label_index", "prediction_index", "count"],
)


def test_pairs_by_hand() -> None:
    found = confused_pairs(_BY_HAND, 3)
    assert found[["label_index", "prediction_index", "count"]].to_numpy().tolist() == [[0, 2, 4], [1, 2, 4], [1, 0, 1]]
    np.testing.assert_allclose(found["share"], [0.4, 0.4, 0.1])
    assert len(confused_pairs(_BY_HAND)) == 4


def test_thieves_by_hand() -> None:
    found = thieves(_BY_HAND)
    assert found.columns.tolist() == ["prediction_index", "taken", "victims", "main_victim", "from_main_victim"]
    assert found.to_numpy().tolist() == [[2, 8, 2, 0, 4], [0, 1, 1, 1, 1], [1, 1, 1, 2, 1]]


def test_the_matrix_with_all_classes_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    label, prediction = rng.integers(0, 6, 300), rng.integers(0, 6, 300)
    chosen, counts = top_matrix(_sparse(label, prediction), 10)
    assert chosen.tolist() == list(range(6))
    np.testing.assert_array_equal(counts[:-1, :-1], confusion_matrix(label, prediction))
    assert counts[-1].sum() == counts[:, -1].sum() == 0


def test_the_other_classes_are_one_row_and_no_sample_is_lost() -> None:
    chosen, counts = top_matrix(_BY_HAND, 2)
    assert chosen.tolist() == [0, 2]  # the most frequent pair is 0 → 2
    assert counts.tolist() == [[6, 4, 0], [0, 9, 1], [1, 4, 12]]
    assert counts.sum() == _BY_HAND["count"].sum()


def test_nothing_confused() -> None:
    right = _BY_HAND[_BY_HAND["label_index"] == _BY_HAND["prediction_index"]]
    assert confused_pairs(right).empty
    assert thieves(right).empty
    chosen, counts = top_matrix(right, 5)
    assert (chosen.tolist(), counts.tolist()) == ([], [[27]])
    assert confused_pairs(right.head(0)).empty


def test_counts_between_groups() -> None:
    pairs = pd.DataFrame({"label_index": [0, 0, 1, 2], "prediction_index": [0, 1, 2, 0], "count": [5, 2, 3, 1]})
    found = grouped(pairs, np.array([0, 0, 1]))
    assert found.to_numpy().tolist() == [[0, 0, 7], [0, 1, 3], [1, 0, 1]]
    assert found.columns.tolist() == pairs.columns.tolist()
