"""The look before the start, with the real command line."""

import json
from pathlib import Path

import pytest

from analysis.errors import AnalysisError
from app.queries import preflight


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    return tmp_path


def test_missing_files_come_back_as_errors(root: Path) -> None:
    (root / "names.json").write_text(json.dumps(["a", "b"]))
    toml = 'title = "x"\nmodel.checkpoint = "no.pth"\nclasses.names = "names.json"\ndata.validation = "no.csv"\n'
    (root / "x.toml").write_text(toml)
    errors = " ".join(preflight.inspect(root / "x.toml")["errors"])
    assert "no.pth" in errors
    assert "no.csv" in errors


def test_a_file_that_is_no_investigation_is_one_message(root: Path) -> None:
    (root / "x.toml").write_text("modell.checkpoint = 1\n")
    with pytest.raises(AnalysisError, match="modell"):
        preflight.inspect(root / "x.toml")


def test_the_file_is_kept_beside_the_jobs(root: Path) -> None:
    file = preflight.save('title = "ä"\n', "a-run")
    assert file == root / ".faultline" / "investigations" / "a-run.toml"
    assert file.read_text("utf-8") == 'title = "ä"\n'
