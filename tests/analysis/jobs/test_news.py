"""How far a command is, told to whoever watches its job."""

import json
from pathlib import Path

import pytest

from analysis.jobs.job import NEWS
from analysis.jobs.news import told
from analysis.progress import silent


def test_outside_a_job_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NEWS, raising=False)
    assert told(silent) is silent


def test_a_job_keeps_stage_rate_and_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NEWS, str(tmp_path / "7.json"))
    clock, heard = [0.0], list[tuple[str, int, int]]()
    progress = told(lambda stage, done, total: heard.append((stage, done, total)), now=lambda: clock[0])
    for second in range(4):
        clock[0] = float(second)
        progress("clusters", second * 10, 100)
    progress("clusters", 31, 100)  # too soon after the last
    found = json.loads((tmp_path / "7.json").read_text())
    assert {name: found[name] for name in ("stage", "done", "total", "rate", "seconds_left", "state")} == {
        "stage": "clusters", "done": 30, "total": 100, "rate": 10.0, "seconds_left": 7.0, "state": "running",
    }  # fmt: skip
    assert heard[-1] == ("clusters", 31, 100)


def test_a_place_that_cannot_be_written_does_not_stop_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(NEWS, str(tmp_path / "file" / "7.json"))
    told(silent)("clusters", 1, 2)
