"""A finding names the later run that shows whether it is gone."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.queries import investigations, runs
from app.queries.runs import RunKey
from tests.app.pages import open_page, words

FINDING = "index_map_scrambled"


@pytest.fixture
def key(shell_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunKey:
    for name in ("faulty", "healthy", "begun"):
        shutil.copytree(shell_runs / name, tmp_path / name)
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    return runs.run_key("faulty")


def _choose(app: AppTest, run: str) -> None:
    next(box for box in app.selectbox if box.label == "Follow-up run").set_value(run).run()
    assert not app.exception


def _open() -> AppTest:
    return open_page("checklist", run="faulty", finding=FINDING)


def test_only_what_somebody_confirmed_or_fixed_is_followed_up(key: RunKey) -> None:
    assert not any(box.label == "Follow-up run" for box in _open().selectbox)
    investigations.put(key, "verdict", FINDING, {"state": "fixed"}, expected=0)
    assert any(box.label == "Follow-up run" for box in _open().selectbox)


def test_a_follow_up_says_what_its_own_test_says(key: RunKey, tmp_path: Path) -> None:
    investigations.put(key, "verdict", FINDING, {"state": "fixed"}, expected=0)
    app = _open()
    _choose(app, "healthy")
    assert f"finding={FINDING}" in words(app)
    assert "There: " in words(app)
    item = investigations.item(key, "follow_up", FINDING)
    assert item is not None
    assert item.value["run"] == investigations.identity(runs.run_key("healthy"))
    (tmp_path / "healthy").rename(tmp_path / "renamed")
    assert "run=renamed" in words(_open())
    _choose(app, "begun")
    assert "not diagnosed yet" in words(app)
    shutil.rmtree(tmp_path / "begun")
    assert "not among the runs here" in words(_open()).replace("\\", "")
    app = _open()
    _choose(app, "renamed")
    _choose(app, "")
    assert investigations.item(key, "follow_up", FINDING) is None
