"""Tables behind findings as CSV: every one, safe for spreadsheets, and nothing outside of the run."""

import io
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import RunError
from analysis.exports.chosen import Chosen
from analysis.exports.csv_stream import csv_chunks
from analysis.exports.evidence import evidence_names
from analysis.exports.export import write_export
from analysis.runs import layout
from analysis.runs.run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    folder = tmp_path / layout.EVIDENCE / "logit_group_bias"
    folder.mkdir(parents=True)
    pd.DataFrame({"shift": [0.5, None], "class": ["=1+1", "cat"], "rows": [[1, 2], [3]]}).to_parquet(
        folder / "sweep.parquet"
    )
    pd.DataFrame({"sample_id": [4, 2], "score": [0.9, 0.8]}).to_parquet(folder.parent / "label_errors.parquet")
    return Run(tmp_path, {})


def test_a_table_is_read_back(run: Run, tmp_path: Path) -> None:
    assert evidence_names(run) == ["evidence/label_errors", "evidence/logit_group_bias/sweep"]
    text = b"".join(csv_chunks(run, "evidence/logit_group_bias/sweep"))
    table = pd.read_csv(io.BytesIO(text))
    assert table["class"].tolist() == ["'=1+1", "cat"]
    assert table["rows"].tolist() == ["[1,2]", "[3]"]
    assert table["shift"].isna().tolist() == [False, True]
    write_export(run, "evidence/label_errors", tmp_path / "out.csv")
    assert pd.read_csv(tmp_path / "out.csv")["sample_id"].tolist() == [4, 2]


@pytest.mark.parametrize(
    "what",
    ["evidence/", "evidence/logit_group_bias/../x", "evidence/nothing",
     "evidence/logit_group_bias", "evidence/../secret",
     "evidence//etc/passwd", "evidence/a/b/c"],
)  # fmt: skip
def test_what_is_not_there_is_said_with_what_is(run: Run, what: str) -> None:
    with pytest.raises(RunError, match="there are evidence/"):
        csv_chunks(run, what)


def test_it_goes_whole(run: Run) -> None:
    with pytest.raises(RunError, match="goes whole"):
        csv_chunks(run, "evidence/label_errors", Chosen(where="loss > 2"))
