"""What people added leaves one Faultline as a file and enters another; the report tells it where asked."""

import io
import shutil
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from analysis.errors import StoreError
from app import people
from app.people import Person, Role
from app.queries import handing_over, investigations, runs
from app.queries.runs import RunKey
from app.routes import ROUTES
from tests.app.pages import open_page


@pytest.fixture
def key(shell_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunKey:
    shutil.copytree(shell_runs / "faulty", tmp_path / "there" / "faulty")
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path / "there"))
    monkeypatch.setattr(people, "current", lambda: Person(name="ada", role=Role.EDITOR))
    key = runs.run_key("faulty")
    investigations.put(key, "note", "class:1", {"text": "seen **twice**"}, expected=0)
    return key


def _get(path: str) -> bytes:
    answer = TestClient(Starlette(routes=ROUTES)).get(path)
    assert answer.status_code == 200
    return answer.content


def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path / "here"))


def test_a_file_carries_words_and_run(key: RunKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = _get("/api/runs/faulty/export/investigation?run=1")
    _elsewhere(tmp_path, monkeypatch)
    done = handing_over.imported(io.BytesIO(content))
    assert done.folder is not None
    assert investigations.item(runs.run_key(done.folder.name), "note", "class:1") is not None


def test_a_viewer_takes_nothing_over(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "current", lambda: Person(name="eve", role=Role.VIEWER))
    content = _get("/api/runs/faulty/export/investigation")
    with pytest.raises(StoreError, match="editors"):
        handing_over.imported(io.BytesIO(content))


def test_the_report_tells_notes_only_where_asked(key: RunKey) -> None:
    assert b"<strong>twice</strong>" in _get("/api/runs/faulty/export/report?notes=1")
    assert b"twice" not in _get("/api/runs/faulty/export/report")


@pytest.mark.usefixtures("no_processes")
def test_the_page_of_all_runs_takes_a_file_over(key: RunKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = _get("/api/runs/faulty/export/investigation?run=1")
    _elsewhere(tmp_path, monkeypatch)
    app = open_page("runs")
    _upload(app, content)
    assert "1 new change, 1 item taken over" in app.success[0].value.replace("\\", "")
    _upload(app, b"no zip")
    assert "no zip file" in app.error[0].value
    assert not app.exception


def _upload(app: AppTest, content: bytes) -> None:
    next(one for one in app.file_uploader if one.key == "runs_import").upload("leaves.zip", content, "application/zip")
    next(button for button in app.button if button.label == "Take over").click().run()
