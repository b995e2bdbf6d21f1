"""Sparse confusions against scikit-learn's matrix and counts that can be checked by hand."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
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


_PAIRS = st.dictionaries(st.tuples(st.integers(-1, 9), st.integers(0, 9)), st.integers(1, 300), max_size=60)


@given(pairs=_PAIRS, top=st.integers(1, 12), shuffled=st.booleans())
def test_pairs_takers_and_matrix_are_those_of_pandas(
    pairs: dict[tuple[int, int], int], top: int, shuffled: bool
) -> None:
    keys = list(pairs) if shuffled else sorted(pairs)
    table = pd.DataFrame(
        [(*key, pairs[key]) for key in keys], columns=["label_index", "prediction_index", "count"], dtype=np.int64
    )
    wrong = table[table["label_index"] != table["prediction_index"]]
    wrong = wrong.sort_values(["count", "label_index", "prediction_index"], ascending=[False, True, True])
    found = confused_pairs(table)
    pd.testing.assert_frame_equal(found[table.columns.tolist()], wrong.reset_index(drop=True))
    support = table.groupby("label_index")["count"].sum()
    np.testing.assert_allclose(found["share"], wrong["count"] / support.loc[wrong["label_index"]].to_numpy())

    takers = wrong.groupby("prediction_index")
    expected = pd.DataFrame({"taken": takers["count"].sum(), "victims": takers["label_index"].nunique()})
    expected["main_victim"] = takers["label_index"].first()  # the most frequent one stands first
    expected["from_main_victim"] = takers["count"].first()
    expected = expected.reset_index().sort_values(["taken", "prediction_index"], ascending=[False, True])
    pd.testing.assert_frame_equal(thieves(table), expected.reset_index(drop=True), check_dtype=False)

    classes = list(dict.fromkeys(wrong[["label_index", "prediction_index"]].to_numpy().ravel().tolist()))[:top]
    chosen, counts = top_matrix(table, top)
    assert chosen.tolist() == sorted(classes)
    named = table[["label_index", "prediction_index"]].map(lambda one: one if one in classes else 99)
    whole = named.assign(count=table["count"]).groupby(["label_index", "prediction_index"])["count"].sum()
    axis = [*sorted(classes), 99]
    assert counts.tolist() == [[int(whole.get((row, column), 0)) for column in axis] for row in axis]


def test_counts_between_groups() -> None:
    pairs = pd.DataFrame({"label_index": [0, 0, 1, 2], "prediction_index": [0, 1, 2, 0], "count": [5, 2, 3, 1]})
    found = grouped(pairs, np.array([0, 0, 1]))
    assert found.to_numpy().tolist() == [[0, 0, 7], [0, 1, 3], [1, 0, 1]]
    assert found.columns.tolist() == pairs.columns.tolist()
