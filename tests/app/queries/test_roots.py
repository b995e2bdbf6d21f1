"""Paths typed into the form stay inside the allowed folders."""

from pathlib import Path

import pytest

from analysis.errors import AnalysisError
from app.queries.roots import allowed_path, allowed_roots, runs_root


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "allowed"
    folder.mkdir()
    monkeypatch.setenv("FAULTLINE_ROOTS", str(folder))
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path / "runs"))
    return folder


def test_inside_is_allowed_also_where_nothing_is_yet(allowed: Path) -> None:
    assert allowed_path(f" {allowed}/a/../b.csv ") == allowed / "b.csv"


@pytest.mark.parametrize("path", ["/etc/passwd", "{allowed}/../other", "{allowed}x/file"])
def test_outside_is_refused_and_says_how_to_allow_it(allowed: Path, path: str) -> None:
    with pytest.raises(AnalysisError, match="FAULTLINE_ROOTS="):
        allowed_path(path.format(allowed=allowed))


def test_a_link_out_of_the_allowed_folder_is_outside(allowed: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (allowed / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(AnalysisError, match="lies outside"):
        allowed_path(str(allowed / "link"))


def test_without_the_variable_current_folder_home_and_runs_are_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAULTLINE_ROOTS", raising=False)
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    assert allowed_roots() == (tmp_path, Path.home().resolve(), tmp_path / "runs")


def test_the_runs_root_is_below_the_current_folder_unless_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAULTLINE_RUNS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert runs_root() == tmp_path / "runs"
