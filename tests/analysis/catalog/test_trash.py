"""Deleted runs can be fetched back, whole; what is being written cannot be deleted."""

import json
import time
from pathlib import Path

import pytest

from analysis.catalog import trash as trash_module
from analysis.catalog.trash import Trash, folder_bytes
from analysis.errors import OutputError, RunError
from analysis.runs.writer import RunWriter

DAY = 86_400.0


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    _make(tmp_path / "ours")
    return Trash(tmp_path)


def _make(path: Path) -> None:
    (path / "evidence").mkdir(parents=True)
    (path / "run.json").write_text("{}")
    (path / "evidence" / "a.parquet").write_bytes(b"12345")


def test_a_deleted_run_is_gone_and_comes_back_whole(trash: Trash, tmp_path: Path) -> None:
    deleted = trash.delete("ours", title="Ours <b>", author="Ada")
    assert not (tmp_path / "ours").exists()
    assert [(found.run, found.title, found.author) for found in trash.listed()] == [("ours", "Ours <b>", "Ada")]
    assert trash.restore(deleted.number) == "ours"
    assert (tmp_path / "ours" / "evidence" / "a.parquet").read_bytes() == b"12345"
    assert trash.listed() == []


def test_a_taken_name_is_not_overwritten(trash: Trash, tmp_path: Path) -> None:
    deleted = trash.delete("ours", title="Ours", author="Ada")
    _make(tmp_path / "ours")
    assert trash.restore(deleted.number) == "ours-2"
    assert (tmp_path / "ours-2" / "run.json").is_file()


def test_a_run_that_is_being_written_stays(trash: Trash, tmp_path: Path) -> None:
    with RunWriter(tmp_path / "ours", resume=True), pytest.raises(RunError, match="being written"):
        trash.delete("ours", title="Ours", author="Ada")
    assert (tmp_path / "ours" / "run.json").is_file()
    assert trash.listed() == []


@pytest.mark.parametrize("number", ["../../ours", "", ".", "nothing"])
def test_only_what_lies_in_the_trash_is_fetched_or_freed(trash: Trash, tmp_path: Path, number: str) -> None:
    for act in (trash.restore, trash.free):
        with pytest.raises(RunError, match="no longer in the trash"):
            act(number)
    assert (tmp_path / "ours").is_dir()
    with pytest.raises(RunError, match="no run called"):
        trash.delete("theirs", title="", author="")


def test_after_a_week_its_space_is_free(trash: Trash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _set_clock(monkeypatch)
    trash.delete("ours", title="Ours", author="Ada")
    assert trash.free_old() == []
    clock[0] += trash_module.KEPT_SECONDS + 1
    assert trash.free_old() == []
    clock[0] += DAY + 1
    assert [freed.run for freed in trash.free_old()] == ["ours"]
    assert trash.listed() == []
    assert list((tmp_path / ".faultline" / "trash").iterdir()) == []


@pytest.mark.parametrize("days", [1, 8, 20_000])
def test_a_clock_that_jumps_ahead_and_back_frees_nothing(
    trash: Trash, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    clock = _set_clock(monkeypatch)
    trash.delete("ours", title="Ours", author="Ada")
    for _ in range(3):
        for jump in (days, -days):
            clock[0] += jump * DAY
            assert trash.free_old() == []
    assert trash.restore(trash.listed()[0].number) == "ours"


def test_what_was_deleted_while_the_clock_was_ahead_is_kept_for_a_week_and_not_for_years(
    trash: Trash, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _set_clock(monkeypatch)
    clock[0] += 1000 * DAY
    trash.delete("ours", title="Ours", author="Ada")
    clock[0] -= 1000 * DAY
    assert [trash.free_old() for _ in range(2)] == [[], []]
    for _ in range(7):
        clock[0] += DAY
        assert trash.free_old() == []
    clock[0] += 1
    assert trash.free_old() == []  # its time is over
    clock[0] += DAY + 1
    assert len(trash.free_old()) == 1


def test_a_full_disk_frees_nothing_and_says_so(trash: Trash, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _set_clock(monkeypatch)
    trash.delete("ours", title="Ours", author="Ada")
    clock[0] += trash_module.KEPT_SECONDS + 1

    def full(path: Path, value: object) -> None:
        raise OutputError("The disk is full.")

    monkeypatch.setattr(trash_module, "write_json", full)
    with pytest.raises(OutputError):
        trash.free_old()
    assert len(trash.listed()) == 1


def _set_clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [time.time()]
    monkeypatch.setattr(trash_module.time, "time", lambda: clock[0])
    return clock


def test_facts_that_somebody_wrote_lead_nowhere_else(trash: Trash, tmp_path: Path) -> None:
    deleted = trash.delete("ours", title="Ours", author="Ada")
    (deleted.path / "deleted.json").write_text(json.dumps({"run": "../x", "title": "", "author": "", "at": 1}))
    assert trash.listed() == []


def test_bytes_of_a_folder_without_what_links_point_at(tmp_path: Path) -> None:
    _make(tmp_path / "a")
    (tmp_path / "a" / "link").symlink_to("/etc/passwd")
    assert folder_bytes(tmp_path / "a") == 7
    assert folder_bytes(tmp_path / "none") == 0
