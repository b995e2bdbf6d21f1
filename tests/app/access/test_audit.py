"""Lines are added by many at once, and what cannot be written stops nobody."""

import threading
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from app.access import audit


def test_lines_come_back_newest_first(runs_folder: Path) -> None:
    audit.record("started a job", by="a@x.org", run="plants")
    audit.record("deleted a run", by="b@x.org", run="pl\nants\u2028")
    newest, oldest = audit.lines()
    assert (newest["action"], newest["run"]) == ("deleted a run", "pl\nants\u2028")
    assert oldest["by"] == "a@x.org"
    assert audit.audit_file().stat().st_mode & 0o077 == 0, "nobody else on this machine reads it"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumps_changes_no_order_and_loses_no_line(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    audit.record("before", by="a")

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(days=days)

    monkeypatch.setattr(audit, "datetime", Jumped)
    audit.record("after the jump", by="a")
    monkeypatch.undo()
    monkeypatch.setenv("FAULTLINE_RUNS", str(runs_folder))
    audit.record("set right", by="a")
    assert [line["action"] for line in audit.lines()] == ["set right", "after the jump", "before"]


def test_many_writers_do_not_mix_their_lines(runs_folder: Path) -> None:
    def write() -> None:
        for number in range(50):
            audit.record("x" * 300, by="a", number=number)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(1 for _ in audit.lines()) == 200


def test_torn_lines_are_left_out(runs_folder: Path) -> None:
    audit.record("a", by="b")
    with audit.audit_file().open("a") as file:
        file.write('{"at": "20')
    assert [line["action"] for line in audit.lines()] == ["a"]


def test_what_cannot_be_written_goes_to_the_log(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (runs_folder / ".faultline").write_text("a file where a folder is due")
    monkeypatch.setattr("logging.Logger.propagate", True, raising=False)
    audit.record("deleted a run", by="a")
    assert list(audit.lines()) == []
