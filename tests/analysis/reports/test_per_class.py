"""The table of classes against scikit-learn and against intervals worked out by another formula."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import precision_recall_fscore_support

from analysis.reports.per_class import class_table, per_class, wilson
from analysis.runs import layout
from tests.planting import make_run


def test_same_as_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    label, prediction = rng.integers(0, 7, 400), rng.integers(0, 7, 400)
    prediction[::2] = label[::2]
    loss = rng.random(400).astype(np.float32)
    table = class_table(names=tuple("abcdefg"), label_index=label, prediction_index=prediction, loss=loss)
    precision, recall, f1, support = precision_recall_fscore_support(label, prediction)
    np.testing.assert_allclose(table["precision"], precision)
    np.testing.assert_allclose(table["recall"], recall)
    np.testing.assert_allclose(table["f1"], f1)
    np.testing.assert_array_equal(table["support"], support)
    np.testing.assert_allclose(table["mean_loss"], pd.Series(loss).groupby(label).mean(), rtol=1e-6)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_as_scipy_has_it(case: tuple[int, int]) -> None:
    successes, trials = case
    expected = binomtest(successes, trials).proportion_ci(0.95, "wilson")
    low, high = wilson(np.array([successes]), np.array([trials]))
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= low[0] <= successes / trials <= high[0] <= 1


def test_classes_without_samples_or_predictions_and_labels_beyond_the_head() -> None:
    table = class_table(
        names=("a", "b", "c", "d", "e"),
        label_index=np.array([0, 0, 1, 4, 4, -1, 9]),
        prediction_index=np.array([0, 2, 0, 0, 2, 1, 1]),
        loss=np.array([0.5, 1.5, 2.0, np.nan, np.nan, 1.0, 1.0]),
        is_old=np.array([True, True, False, False, False]),
        head=(np.array([[3.0, 4.0], [0.0, 0.0], [1.0, 0.0], [np.nan, 0.0]]), np.array([0.5, 0.0, -1.0, 0.0])),
        train_count=np.array([10, 0, 3, 4]),
    )
    assert table["support"].tolist() == [2, 1, 0, 0, 2]
    assert table["predicted"].tolist() == [3, 2, 2, 0, 0]
    assert table["correct"].tolist() == [1, 0, 0, 0, 0]
    np.testing.assert_allclose(table["precision"], [1 / 3, 0, 0, np.nan, np.nan])
    np.testing.assert_allclose(table["recall"], [0.5, 0, np.nan, np.nan, 0])
    np.testing.assert_allclose(table["f1"], [0.4, 0, 0, np.nan, 0])
    np.testing.assert_allclose(table["recall_low"].isna(), [False, False, True, True, False])
    np.testing.assert_allclose(table["mean_loss"], [1, 2, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(table["head_norm"], [5, 0, 1, np.nan, np.nan])
    np.testing.assert_allclose(table["head_bias"], [0.5, 0, -1, 0, np.nan])
    assert table["group"].tolist() == ["old", "old", "new", "new", "new"]
    assert table["train_count"].tolist() == [10, 0, 3, 4, pd.NA]


def test_a_run_gives_the_contract_columns(tmp_path: Path) -> None:
    run = make_run(tmp_path, missing_outputs=2, flip=0.1).run
    table = per_class(run)
    assert tuple(table.columns) == layout.CLASS_COLUMNS
    for name in ("support", "predicted", "correct", "recall", "recall_low", "mean_loss", "head_norm"):
        np.testing.assert_allclose(table[name], run.classes[name], rtol=1e-5, atol=1e-12)
    assert table["train_count"].isna().all()
    assert table["head_norm"].isna().sum() == 2


def test_without_a_split_there_is_no_group(tmp_path: Path) -> None:
    assert per_class(make_run(tmp_path, old=None, head=False).run)["group"].isna().all()
