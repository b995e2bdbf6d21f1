"""The Datalab-style table: names, direction of scores, and its formulas by hand."""

import io

import numpy as np
import pandas as pd
import pytest

from analysis.exports.chosen import Chosen
from analysis.exports.csv_stream import csv_chunks
from analysis.exports.datalab import near_duplicate_scores, outliers
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run
from tests.planting import Planted

COLUMNS = [
    "sample_id", "filepath", "given_label", "predicted_label", "is_label_issue", "label_score", "is_outlier_issue",
    "outlier_score", "is_near_duplicate_issue", "near_duplicate_score", "near_duplicate_sets",
    "distance_to_nearest_neighbor",
]  # fmt: skip


def _read(run: Run, chosen: Chosen | None = None) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(b"".join(csv_chunks(run, "datalab", chosen or Chosen()))))


def test_names_and_label_issues(planted: Planted) -> None:
    run = planted.run
    found = _read(run)
    assert sorted(found.columns) == sorted(COLUMNS)
    assert found["is_label_issue"].tolist() == planted.flipped.tolist()
    np.testing.assert_allclose(found["label_score"], run.column("label_quality"), rtol=1e-6)
    assert found["is_near_duplicate_issue"].isna().all()  # nobody looked for copies
    assert run.neighbours is not None
    np.testing.assert_allclose(found["distance_to_nearest_neighbor"], 1 - run.neighbours[1][:, 0], atol=1e-6)


def test_copies_name_each_other(planted: Planted) -> None:
    pairs = pd.DataFrame({"sample_id": [5, 9, 9], "other": [2, 2, 5], "kind": ["near"] * 3, "similarity": [0.9] * 3})
    write_table(planted.run.path / layout.DUPLICATES, pairs)
    found = _read(Run.open(planted.run.path), Chosen(ids=np.array([2, 3, 9])))
    assert found["near_duplicate_sets"].tolist() == ["[5,9]", "[]", "[2,5]"]
    assert found["is_near_duplicate_issue"].tolist() == [True, False, True]


def test_outliers_by_hand() -> None:
    average = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 9.0, np.nan])  # quartiles 2.25, 3.5, 4.75: threshold 9.0 is not passed
    is_outlier, score = outliers(average)
    assert not is_outlier.any()
    np.testing.assert_allclose(score, [*np.exp(-average[:-1] / 3.5), np.nan])
    among_many = outliers(np.r_[average, np.full(20, 3.0)])[0]  # their quartiles are all 3
    assert np.flatnonzero(among_many).tolist() == [3, 4, 5]


@pytest.mark.parametrize("values", [np.full(3, np.nan), np.zeros(3)])
def test_degenerate_distances(values: np.ndarray) -> None:
    assert not outliers(values)[0].any()
    assert np.array_equal(near_duplicate_scores(values), values, equal_nan=True)


def test_near_duplicate_score_by_hand() -> None:
    np.testing.assert_allclose(near_duplicate_scores(np.array([0.0, 1.0, 2.0])), 1 - np.exp([0, -1, -2]))
