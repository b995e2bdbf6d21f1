"""Writing exports into files."""

import os
from pathlib import Path

import pytest

from analysis.errors import OutputError, RunError
from analysis.exports.chosen import Chosen
from analysis.exports.csv_stream import csv_chunks
from analysis.exports.export import write_export
from tests.planting import Planted


def test_a_table_is_the_stream_in_a_file_and_replaces_what_was_there(planted: Planted, tmp_path: Path) -> None:
    out = tmp_path / "new" / "samples.csv"
    write_export(planted.run, "samples", out, Chosen(cluster=1))
    assert out.read_bytes() == b"".join(csv_chunks(planted.run, "samples", Chosen(cluster=1)))
    write_export(planted.run, "classes", out)
    assert out.read_bytes() == b"".join(csv_chunks(planted.run, "classes"))
    assert [path.name for path in out.parent.iterdir()] == ["samples.csv"]


def test_the_report_is_one_html_file(planted: Planted, tmp_path: Path) -> None:
    write_export(planted.run, "report", tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(("what", "cluster"), [("nonsense", None), ("report", 1), ("samples", 7)])
def test_wrong_requests_write_nothing(planted: Planted, tmp_path: Path, what: str, cluster: int | None) -> None:
    with pytest.raises(RunError):
        write_export(planted.run, what, tmp_path / "out", Chosen(cluster=cluster))
    assert not (tmp_path / "out").exists()


def test_a_folder_is_no_file(planted: Planted, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder; give the name of a file"):
        write_export(planted.run, "samples", tmp_path)


def test_a_place_that_cannot_be_written(planted: Planted, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="could not be written"):
        write_export(planted.run, "samples", tmp_path / "file" / "out.csv")
    with pytest.raises(OutputError, match="could not be written"):
        write_export(planted.run, "samples", tmp_path / ("n" * (os.pathconf(tmp_path, "PC_NAME_MAX") + 1)))
