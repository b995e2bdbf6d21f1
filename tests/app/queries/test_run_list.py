"""The list of runs: what their files say, newest first; what is no run is left out."""

from pathlib import Path

import pytest

from analysis.runs import layout
from app.queries.run_list import list_runs
from tests.planting import make_run


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    make_run(tmp_path / "one", per_class=5, thumbnails=False)
    return tmp_path


def test_the_list_says_what_run_json_says_newest_first(root: Path) -> None:
    make_run(root / "two", per_class=3, classes=4, thumbnails=False)
    meta = root / "two" / layout.META
    meta.write_text(meta.read_text().replace("2026-01-01", "2026-02-01"))
    assert [(entry.id, entry.samples, entry.classes) for entry in list_runs()] == [("two", 12, 4), ("one", 50, 10)]


def test_a_rewritten_file_is_read_anew(root: Path) -> None:
    (before,) = list_runs()
    meta = root / "one" / layout.META
    meta.write_text(meta.read_text().replace(f'"title": "{before.title}"', '"title": "Second look"'))
    assert [entry.title for entry in list_runs()] == ["Second look"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"counts": 3}', '{"class_names": 5}'])
def test_what_is_no_readable_run_is_left_out(root: Path, content: str) -> None:
    (root / "broken").mkdir()
    (root / "broken" / layout.META).write_text(content)
    (root / "a file").write_text("")
    (root / ".hidden").mkdir()
    assert [entry.id for entry in list_runs()] == ["one"]


def test_no_root_means_no_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path / "none"))
    assert list_runs() == []
