"""The job store: one active job an output, and every way a job can end."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from analysis.errors import OutputError
from analysis.jobs.job import Job, JobState
from analysis.jobs.schema import _STEPS
from analysis.jobs.store import JobStore


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore(tmp_path)


def _add(store: JobStore, output: Path, title: str = "Leaves") -> tuple[Job, bool]:
    return store.add(kind="run", title=title, output=output, command=("run", "a.toml", "--out", str(output)))


def test_a_new_job_is_queued_and_keeps_its_command(store: JobStore, tmp_path: Path) -> None:
    job, is_new = _add(store, tmp_path / "a")
    assert is_new
    assert job.state is JobState.QUEUED
    assert job.command == ("run", "a.toml", "--out", str(tmp_path / "a"))
    assert job.log.parent == tmp_path / ".faultline" / "logs"
    assert store.get(job.id) == job
    assert store.get(99) is None


def test_a_second_job_for_the_same_output_is_the_first_one(store: JobStore, tmp_path: Path) -> None:
    first, _ = _add(store, tmp_path / "a")
    second, is_new = _add(store, tmp_path / "x" / ".." / "a", title="Other tab")
    assert not is_new
    assert second == first


def test_of_many_starters_at_once_exactly_one_gets_a_new_job(store: JobStore, tmp_path: Path) -> None:
    results: list[tuple[Job, bool]] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        results.append(_add(JobStore(tmp_path), tmp_path / "a"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(is_new for _, is_new in results) == 1
    assert len({job.id for job, _ in results}) == 1


def test_going_on_is_the_same_work_as_starting(store: JobStore, tmp_path: Path) -> None:
    first, _ = _add(store, tmp_path / "a")
    command = ("run", "a.toml", "--resume", "--out", "elsewhere/spelt")
    assert store.add(kind="run", title="x", output=tmp_path / "a", command=command) == (first, False)


def test_other_work_on_the_same_output_waits_until_the_first_has_ended(store: JobStore, tmp_path: Path) -> None:
    first, _ = _add(store, tmp_path / "a")
    other, is_new = store.add(kind="recluster", title="x", output=tmp_path / "a", command=("recluster",), device="mps")
    assert is_new
    claimed = store.claim(limit=5, host="here")
    assert claimed is not None
    assert claimed.id == first.id
    assert store.claim(limit=5, host="here") is None
    store.finish(first.id, JobState.DONE, 0)
    claimed = store.claim(limit=5, host="here")
    assert claimed is not None
    assert claimed.id == other.id


def test_of_many_that_look_at_once_exactly_one_may_start_a_job(store: JobStore, tmp_path: Path) -> None:
    for name in "abc":
        _add(store, tmp_path / name)
    claimed: list[Job | None] = []
    barrier = threading.Barrier(8)

    def claim() -> None:
        barrier.wait()
        claimed.append(JobStore(tmp_path).claim(limit=2, host="here"))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job.id for job in claimed if job is not None) == [1, 2]


def test_a_store_of_the_first_version_is_read_and_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / ".faultline"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "jobs.sqlite")) as old:
        old.executescript(_STEPS[0])
        old.execute(
            "CREATE UNIQUE INDEX one_active_job_an_output ON jobs (output) WHERE state IN ('queued', 'running')"
        )
        values = ("run", "Old", str(tmp_path / "a"), '["run", "a.toml"]', "running", "x.log", 1.0, 12)
        old.execute(
            "INSERT INTO jobs (kind, title, output, command, state, log, created, pid) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        old.commit()
    store = JobStore(tmp_path)
    (job,) = store.active()
    assert (job.title, job.author, job.mark, job.command) == ("Old", "", "", ("run", "a.toml"))
    assert JobStore(tmp_path).active() == [job]
    assert _add(store, tmp_path / "b")[1]


def test_a_store_that_is_locked_or_damaged_says_so(
    store: JobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.jobs.store.WAIT_SECONDS", 0.05)
    with closing(sqlite3.connect(store.file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match="locked"):
            _add(store, tmp_path / "a")
    for file in store.folder.glob("jobs.sqlite*"):
        file.write_bytes(b"no database at all, and long enough to be read as one" * 100)
    with pytest.raises(OutputError, match="cannot be kept"):
        JobStore(tmp_path)


def test_after_the_end_the_output_is_free_again(store: JobStore, tmp_path: Path) -> None:
    first, _ = _add(store, tmp_path / "a")
    assert store.finish(first.id, JobState.FAILED, 2)
    second, is_new = _add(store, tmp_path / "a")
    assert is_new
    assert [job.id for job in store.newest()] == [second.id, first.id]
    assert [job.id for job in store.active()] == [second.id]


def test_the_first_end_stands(store: JobStore, tmp_path: Path) -> None:
    job, _ = _add(store, tmp_path / "a")
    assert store.finish(job.id, JobState.DONE, 0)
    assert not store.finish(job.id, JobState.DEAD)
    ended = store.get(job.id)
    assert ended is not None
    assert (ended.state, ended.exit_status) == (JobState.DONE, 0)


def test_cancelling_a_queued_job_keeps_its_worker_from_starting(store: JobStore, tmp_path: Path) -> None:
    job, _ = _add(store, tmp_path / "a")
    store.ask_to_cancel(job.id)
    assert not store.begin(job.id, pid=1, pid_started=0.0, host="here")
    ended = store.get(job.id)
    assert ended is not None
    assert ended.state is JobState.CANCELLED


def test_a_running_job_learns_of_its_cancellation_at_the_next_beat(store: JobStore, tmp_path: Path) -> None:
    job, _ = _add(store, tmp_path / "a")
    assert store.begin(job.id, pid=1, pid_started=0.0, host="here")
    assert store.beat(job.id) is JobState.RUNNING
    store.ask_to_cancel(job.id)
    assert store.beat(job.id) is JobState.CANCELLING
    assert store.beat(99) is JobState.DEAD


def test_an_unwritable_place_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="FAULTLINE_RUNS"):
        JobStore(tmp_path / "file")
