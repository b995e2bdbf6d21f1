"""Jobs in real processes: started, ended, cancelled, killed."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from analysis.jobs import launch
from analysis.jobs.job import Job, JobState
from analysis.jobs.log import tail
from analysis.jobs.store import JobStore

_FAKE = """
import sys, time
from pathlib import Path
from analysis.jobs import worker
def run_command(arguments):
    print("working on", *arguments, flush=True)
    what = arguments[0]
    try:
        if what == "sleep":
            for _ in range(600): time.sleep(0.1)
    except KeyboardInterrupt:
        return 3
    if what == "crash": raise RuntimeError("boom")
    return {"refuse": 2}.get(what, 0)
worker.run_command = run_command
worker.BEAT_SECONDS = 0.05
sys.exit(worker.main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobStore:
    def fake(store: JobStore, job: Job) -> list[str]:
        return [sys.executable, "-c", _FAKE, str(store.folder.parent), str(job.id)]

    monkeypatch.setattr(launch, "worker_command", fake)
    return JobStore(tmp_path)


def _until(store: JobStore, number: int, wanted: Callable[[Job], bool]) -> Job:
    for _ in range(600):
        launch.reap(store)
        job = store.get(number)
        if job is not None and wanted(job):
            return job
        time.sleep(0.05)
    pytest.fail(f"job {number} never got there: {store.get(number)}")


def _start(store: JobStore, what: str) -> Job:
    return launch.start(store, kind="run", title=what, output=store.folder.parent / "out", command=(what,))


def _ended(job: Job) -> bool:
    return not job.state.active


def _running(job: Job) -> bool:
    return job.state is JobState.RUNNING


@pytest.mark.parametrize(("what", "state", "status"), [("fine", JobState.DONE, 0), ("refuse", JobState.FAILED, 2)])
def test_the_exit_status_decides(store: JobStore, what: str, state: JobState, status: int) -> None:
    job = _until(store, _start(store, what).id, _ended)
    assert (job.state, job.exit_status) == (state, status)
    assert tail(job.log) == f"working on {what}"


def test_two_tabs_get_the_same_job(store: JobStore) -> None:
    first = _start(store, "sleep")
    _until(store, first.id, _running)
    assert _start(store, "sleep").id == first.id
    launch.cancel(store, first.id)
    _until(store, first.id, _ended)


def test_cancel_interrupts_and_ends_as_cancelled(store: JobStore) -> None:
    job = _until(store, _start(store, "sleep").id, _running)
    launch.cancel(store, job.id)
    job = _until(store, job.id, _ended)
    assert (job.state, job.exit_status) == (JobState.CANCELLED, 3)


def test_a_killed_process_is_noticed(store: JobStore) -> None:
    job = _until(store, _start(store, "sleep").id, _running)
    os.kill(job.pid, signal.SIGKILL)
    assert _until(store, job.id, _ended).state is JobState.DEAD


def test_the_job_is_no_child_of_the_servers_group(store: JobStore) -> None:
    job = _until(store, _start(store, "sleep").id, _running)
    assert os.getpgid(job.pid) != os.getpgid(0)
    launch.cancel(store, job.id)
    _until(store, job.id, _ended)


def test_a_pid_given_to_another_process_is_not_taken_for_the_job(store: JobStore) -> None:
    job, _ = store.add(kind="run", title="old", output=store.folder.parent / "out", command=("x",))
    store.begin(job.id, pid=os.getpid(), pid_started=psutil.Process().create_time() - 1000, host=os.uname().nodename)
    launch.reap(store)
    ended = store.get(job.id)
    assert ended is not None
    assert ended.state is JobState.DEAD


def test_a_queued_job_whose_process_never_came_is_dead_after_a_while(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, _ = store.add(kind="run", title="lost", output=store.folder.parent / "out", command=("x",))
    launch.reap(store)
    assert [active.id for active in store.active()] == [job.id]
    monkeypatch.setattr(launch, "QUEUED_SECONDS", -1.0)
    launch.reap(store)
    assert store.active() == []


def test_the_real_command_line_runs_in_the_job_and_its_message_is_in_the_log(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    command = ("run", str(tmp_path / "none.toml"), "--out", str(tmp_path / "out"))
    job = launch.start(store, kind="run", title="Missing", output=tmp_path / "out", command=command)
    job = _until(store, job.id, _ended)
    assert (job.state, job.exit_status) == (JobState.FAILED, 2)
    assert "none.toml" in tail(job.log)
    assert "Traceback" not in tail(job.log)
