"""Jobs in real processes: started, ended, cancelled, killed."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from analysis.jobs import alive, launch
from analysis.jobs.job import Job, JobState, place_in_queue
from analysis.jobs.log import tail
from analysis.jobs.process import process_mark
from analysis.jobs.store import JobStore

_FAKE = """
import sys, time
from pathlib import Path
from analysis.jobs import launch, worker
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
launch.worker_command = lambda store, job: [*sys.orig_argv[:3], str(store.folder.parent), str(job.id)]
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
        launch.tend(store)
        job = store.get(number)
        if job is not None and wanted(job):
            return job
        time.sleep(0.05)
    pytest.fail(f"job {number} never got there: {store.get(number)}")


def _start(store: JobStore, what: str, output: str = "out") -> Job:
    return launch.start(
        store, kind="run", title=what, output=store.folder.parent / output, command=(what,), device="cpu"
    )


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
    begun = {"pid": os.getpid(), "pid_started": psutil.Process().create_time(), "host": os.uname().nodename}
    store.begin(job.id, **begun, mark="an earlier boot:123")
    alive.reap(store)
    ended = store.get(job.id)
    assert ended is not None
    assert ended.state is JobState.DEAD


def test_a_clock_set_anew_kills_no_job(store: JobStore) -> None:
    job, _ = store.add(kind="run", title="old", output=store.folder.parent / "out", command=("x",))
    mark = process_mark(os.getpid())
    assert mark is not None
    store.begin(job.id, pid=os.getpid(), pid_started=time.time() + 7e6, host=os.uname().nodename, mark=mark)
    alive.reap(store)
    assert [active.state for active in store.active()] == [JobState.RUNNING]


@pytest.mark.parametrize("days", [-20_000, -1, 1])
def test_a_clock_that_jumps_kills_no_worker_and_keeps_no_dead_one(
    store: JobStore, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """A real worker, started before the clock jumps for everybody who looks."""
    job = _until(store, _start(store, "sleep").id, _running)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400 * days)
    for _ in range(3):
        launch.tend(store)
        store.beat(job.id)
    assert [active.state for active in store.active()] == [JobState.RUNNING]
    os.kill(job.pid, signal.SIGKILL)
    assert _until(store, job.id, _ended).state is JobState.DEAD


def test_a_job_on_another_machine_is_dead_when_its_beats_stand_still_whatever_its_clock_says(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, _ = store.add(kind="run", title="far", output=store.folder.parent / "out", command=("x",))
    store.begin(job.id, pid=1, pid_started=0.0, host="elsewhere")
    clock = [1000.0]
    monkeypatch.setattr(alive.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "time", lambda: 0.0)
    for passed, state in ((0, "running"), (119, "running"), (2, "dead")):
        clock[0] += passed
        alive.reap(store)
        found = store.get(job.id)
        assert found is not None
        assert found.state == state, passed


def test_a_job_on_another_machine_lives_as_long_as_it_beats(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    job, _ = store.add(kind="run", title="far", output=store.folder.parent / "out", command=("x",))
    store.begin(job.id, pid=1, pid_started=0.0, host="elsewhere")
    clock = [1000.0]
    monkeypatch.setattr(alive.time, "monotonic", lambda: clock[0])
    for _ in range(5):
        alive.reap(store)
        store.beat(job.id)
        clock[0] += 100
        alive.reap(store)
    assert [active.id for active in store.active()] == [job.id]


def test_a_starting_job_that_never_got_a_process_waits_again(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(kind="run", title="lost", output=store.folder.parent / "out", command=("x",))
    job = store.claim(limit=1, host="here")
    assert job is not None
    alive.reap(store)
    assert [active.state for active in store.active()] == [JobState.STARTING]
    monkeypatch.setattr(alive, "STARTING_SECONDS", -1.0)
    alive.reap(store)
    assert [active.state for active in store.active()] == [JobState.QUEUED]


def test_jobs_of_one_device_come_one_after_the_other_and_nobody_needs_to_look(store: JobStore) -> None:
    first = _until(store, _start(store, "sleep").id, _running)
    second, third = _start(store, "fine", "b"), _start(store, "fine", "c")
    assert [place_in_queue(job, store.active()) for job in (first, second, third)] == [0, 1, 2]
    assert (second.state, third.state) == (JobState.QUEUED, JobState.QUEUED)
    store.ask_to_cancel(first.id)
    for _ in range(600):  # looks at the rows only: `_until` would start what waits
        ended = [store.get(job.id) for job in (second, third)]
        if all(job is not None and job.state is JobState.DONE for job in ended):
            break
        time.sleep(0.05)
    assert ended[0] is not None
    assert ended[1] is not None
    assert (ended[0].state, ended[1].state) == (JobState.DONE, JobState.DONE)
    assert ended[0].finished <= ended[1].started


def test_after_a_kill_the_next_look_starts_what_waits(store: JobStore) -> None:
    first = _until(store, _start(store, "sleep").id, _running)
    second = _start(store, "fine", "b")
    os.kill(first.pid, signal.SIGKILL)
    assert _until(store, second.id, _ended).state is JobState.DONE


def test_another_device_does_not_wait(store: JobStore) -> None:
    first = _until(store, _start(store, "sleep").id, _running)
    other = launch.start(
        store, kind="run", title="x", output=store.folder.parent / "b", command=("fine",), device="cuda:7"
    )
    assert _until(store, other.id, _ended).state is JobState.DONE
    launch.cancel(store, first.id)
    _until(store, first.id, _ended)


def test_the_real_command_line_runs_in_the_job_and_its_message_is_in_the_log(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    command = ("run", str(tmp_path / "none.toml"), "--out", str(tmp_path / "out"))
    job = launch.start(store, kind="run", title="Missing", output=tmp_path / "out", command=command)
    job = _until(store, job.id, _ended)
    assert (job.state, job.exit_status) == (JobState.FAILED, 2)
    assert "none.toml" in tail(job.log)
    assert "Traceback" not in tail(job.log)
