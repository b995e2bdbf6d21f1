"""The columns of clusters.parquet by hand."""

import numpy as np
import pytest

from analysis.arrays import IntArray
from analysis.reports.cluster_report import Judged, cluster_report, describing_columns
from analysis.runs.layout import CLUSTER_COLUMNS, CLUSTER_EXTRA_COLUMNS
from tests.planting import Planted

CLUSTER = np.array([0, 0, 1, 1, -1])
LABEL = np.array([0, 1, 1, 1, 0])


def _judged(duplicates: IntArray | None = None) -> Judged:
    correct = np.array([0, 1, 1, 1, 1], dtype=bool)
    return Judged(
        label=LABEL,
        prediction=np.where(correct, LABEL, 1),
        correct=correct,
        correct_as_is=np.zeros(5, dtype=bool),
        class_names=("ash", "oak"),
        is_old=np.array([True, False]),
        duplicates=duplicates,
    )


def test_everything_is_named_and_errors_before_the_repairs_are_counted() -> None:
    table = cluster_report(CLUSTER, _judged(), []).table
    assert tuple(table.columns) == (*CLUSTER_COLUMNS, *CLUSTER_EXTRA_COLUMNS)
    rows = table.set_index("cluster")
    assert rows.loc[0, ["errors", "errors_as_is", "top_label", "top_prediction", "old_share"]].tolist() == [
        1, 2, "ash", "oak", 0.5,
    ]  # fmt: skip
    assert rows.loc[1, "top_prediction"] == ""
    assert rows["stability"].isna().all()
    assert rows["duplicate_share"].isna().all()


def test_copies_count_inside_their_cluster_only() -> None:
    table = cluster_report(CLUSTER, _judged(np.array([[1, 0], [2, 4], [3, 99]])), []).table.set_index("cluster")
    assert table.loc[0, "duplicate_share"] == 1.0
    assert table.loc[1, "duplicate_share"] == 0.0


def test_a_number_may_be_missing() -> None:
    table = cluster_report(np.where(CLUSTER == 1, 3, CLUSTER), _judged(), [], np.array([0.9, 0.1, 0.2, 0.8])).table
    assert table.set_index("cluster")["stability"].to_dict() == {0: 0.9, 3: 0.8}


def test_a_run_is_judged_after_its_repairs(clustered: Planted) -> None:
    run = clustered.run
    judged = Judged.of(run)
    np.testing.assert_array_equal(judged.correct, run.column("correct"))  # nothing was repaired
    kinds = {column.kind for column in describing_columns(run, judged)}
    assert {"label", "prediction", "metadata"} <= kinds
    table = cluster_report(run.column("cluster"), judged, describing_columns(run, judged)).table
    assert table["cluster"].iloc[0] == 0  # the hidden group
    assert table["name"].iloc[0].startswith("camera = b, ")


@pytest.fixture(scope="module")
def clustered(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    from tests.planting import make_run

    path = tmp_path_factory.mktemp("run") / "r"
    rng = np.random.default_rng(0)
    plain = make_run(path, hidden_group=0.1, clusters=True)
    camera = np.where(plain.hidden_group & (rng.random(len(plain.run)) < 0.9), "b", "a")
    return make_run(path, hidden_group=0.1, clusters=True, metadata={"camera": camera.tolist()})
