"""Every table of a run as CSV, read back and compared."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import RunError
from analysis.exports import sample_rows as module
from analysis.exports.chosen import Chosen
from analysis.exports.csv_stream import csv_chunks
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run
from tests.planting import Planted, make_run


def _read(run: Run, what: str, cluster: int | None = None) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(b"".join(csv_chunks(run, what, Chosen(cluster=cluster)))), keep_default_na=False, na_values=[""]
    )


def test_samples_in_batches(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 100)
    run = planted.run
    assert len(list(csv_chunks(run, "samples"))) == 8
    found = _read(run, "samples")
    assert tuple(found.columns) == (*layout.SAMPLE_COLUMNS, "'+site")
    assert found["sample_id"].tolist() == list(range(800))
    np.testing.assert_allclose(found["loss"], run.column("loss"), rtol=1e-6)
    assert found["correct"].tolist() == run.column("correct").tolist()
    assert set(found["label"]) == {"'=SUM(A1)", "-7", *run.class_names} - {"=SUM(A1)"}
    assert found["'+site"].iloc[0] == "'@a"
    assert found["'+site"].isna().tolist() == [False, True] * 400
    index = np.array([[int(value) for value in text[1:-1].split(",")] for text in found["topk_index"]])
    np.testing.assert_array_equal(index, run.topk()[0])


@pytest.mark.parametrize("cluster", [0, 1, -1])
def test_one_cluster(planted: Planted, cluster: int) -> None:
    expected = np.flatnonzero(planted.run.column("cluster") == cluster)
    assert _read(planted.run, "samples", cluster)["sample_id"].tolist() == expected.tolist()
    assert len(expected) > 20


def test_classes_clusters_and_problems(planted: Planted) -> None:
    classes = _read(planted.run, "classes")
    assert tuple(classes.columns) == layout.CLASS_COLUMNS
    np.testing.assert_allclose(classes["recall_low"], planted.run.classes["recall_low"])
    clusters = _read(planted.run, "clusters")
    assert tuple(clusters.columns) == layout.CLUSTER_COLUMNS
    assert clusters["excess_low"].tolist() == [50.0, 0.0]
    assert _read(planted.run, "problems").empty


def test_confusions_have_names(planted: Planted) -> None:
    found = _read(planted.run, "confusions")
    assert found.columns.tolist() == ["label_index", "prediction_index", "count", "label", "prediction"]
    assert found["count"].sum() == 800
    names = [name if name != "=SUM(A1)" else f"'{name}" for name in planted.run.class_names]
    assert found["label"].tolist() == [names[index] for index in found["label_index"]]


def test_label_issues_worst_first(planted: Planted) -> None:
    found = _read(planted.run, "label-issues")
    assert sorted(found["sample_id"]) == np.flatnonzero(planted.flipped).tolist()
    assert found["label_quality"].is_monotonic_increasing
    assert "topk_index" not in found


def test_label_issues_follow_the_evidence(planted: Planted) -> None:
    path = planted.run.path / layout.EVIDENCE / "label_errors.parquet"
    write_table(
        path, pd.DataFrame({"sample_id": [9, 700, 3], "score": [0.1, 0.2, 0.3], "better_label": ["a", "=b", None]})
    )
    found = _read(planted.run, "label-issues")
    assert found["sample_id"].tolist() == [9, 700, 3]
    assert found["filepath"].tolist() == planted.run.column("filepath")[[9, 700, 3]].tolist()
    assert found["score"].tolist() == [0.1, 0.2, 0.3]
    assert found["better_label"].tolist()[:2] == ["a", "'=b"]


def test_findings_one_row_each(planted: Planted) -> None:
    found = _read(planted.run, "findings")
    assert found["id"].tolist() == ["failure_cluster", "label_errors"]
    assert found["rank"].tolist() == [1, 2]
    assert found["evidence"][0] == "excess errors: 38.25 samples (threshold 5), n = 50"
    assert found["evidence"][1] == "label agreement: 31.2 % (threshold 5 %), n = 1,600"
    assert found["needs"][1] == "embeddings; train"
    assert found["gain"].isna().tolist() == [False, True]


def test_an_empty_table_still_names_its_columns(tmp_path: Path) -> None:
    run = make_run(tmp_path).run
    assert b"".join(csv_chunks(run, "problems")) == b'"filepath","reason","label"\n'


@pytest.mark.parametrize(
    ("what", "cluster", "message"),
    [
        ("nothing", None, r"no table 'nothing'.*samples, datalab, classes"),
        ("samples", 2, r"no cluster 2 in this run; it has clusters 0 to 1, and −1"),
        ("samples", -2, r"no cluster -2"),
        ("classes", 0, r"go with `samples`, `datalab`, not with 'classes'"),
    ],
)
def test_what_is_not_there_is_said_before_the_first_chunk(
    planted: Planted, what: str, cluster: int | None, message: str
) -> None:
    with pytest.raises(RunError, match=message):
        csv_chunks(planted.run, what, Chosen(cluster=cluster))


@pytest.mark.parametrize(
    ("what", "file"),
    [("clusters", layout.CLUSTERS), ("classes", layout.CLASSES), ("findings", layout.FINDINGS)],
)
def test_a_stage_that_has_not_run_is_said(planted: Planted, what: str, file: str) -> None:
    (planted.run.path / file).unlink()
    with pytest.raises(RunError, match=file):
        csv_chunks(Run.open(planted.run.path), what)


def test_a_run_without_clusters_says_so(tmp_path: Path) -> None:
    run = make_run(tmp_path).run
    with pytest.raises(RunError, match="it has no clusters"):
        csv_chunks(run, "samples", Chosen(cluster=0))
    assert len(_read(run, "samples", -1)) == 800


def test_line_ends_inside_cells_survive(planted: Planted) -> None:
    rows = list(csv.reader(io.StringIO(b"".join(csv_chunks(planted.run, "samples")).decode(), newline="")))
    assert {len(row) for row in rows} == {len(layout.SAMPLE_COLUMNS) + 1}


def test_nothing_heavy_is_imported() -> None:
    heavy = ("torch", "umap", "hdbscan", "sklearn", "numba")
    code = f"import sys, analysis.exports.export; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
