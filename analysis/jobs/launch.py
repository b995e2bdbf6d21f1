"""Starting and cancelling jobs, and noticing the ones whose process vanished."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from analysis.jobs.job import Job, JobState
from analysis.jobs.store import JobStore

QUEUED_SECONDS = 60.0  # a queued job whose process has not reported by then never will
SILENT_SECONDS = 120.0  # on another machine only the heartbeat can be seen


def start(store: JobStore, *, kind: str, title: str, output: Path, command: Sequence[str]) -> Job:
    """Start a job in a process of its own, or return the one already active for this output.

    The process has its own group and no terminal: neither Ctrl-C on the server nor a closed browser reaches it.

    Args:
        store: Where jobs are kept.
        kind: ``demo`` or ``run``.
        title: What people call it.
        output: Run directory it writes.
        command: Arguments of ``python -m analysis``, for example ``("demo", "--out", "runs/demo")``.
    """
    reap(store)
    job, is_new = store.add(kind=kind, title=title, output=output, command=command)
    if is_new:
        _spawn(store, job)
    return job


def worker_command(store: JobStore, job: Job) -> list[str]:
    """What starts a job's process."""
    return [sys.executable, "-m", "analysis.jobs.worker", str(store.folder.parent), str(job.id)]


def _spawn(store: JobStore, job: Job) -> None:
    try:
        with job.log.open("ab") as log:
            process = subprocess.Popen(
                worker_command(store, job),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # Somebody has to wait for a child, or it stays a zombie for as long as the server lives.
        threading.Thread(target=process.wait, name=f"job {job.id}", daemon=True).start()
    except OSError:
        store.finish(job.id, JobState.FAILED)
        raise


def cancel(store: JobStore, number: int) -> None:
    """Ask a job to stop; what it finished stays, and the run can be resumed."""
    store.ask_to_cancel(number)


def reap(store: JobStore) -> None:
    """Mark as dead every active job whose process is gone."""
    for job in store.active():
        if not is_alive(job):
            was_asked = job.state is JobState.CANCELLING
            store.finish(job.id, JobState.CANCELLED if was_asked else JobState.DEAD)


def is_alive(job: Job) -> bool:
    """Whether an active job's process exists; on another machine, whether it gave a sign of life lately."""
    if job.state is JobState.QUEUED:
        return time.time() - job.created < QUEUED_SECONDS
    if job.host != socket.gethostname():
        return time.time() - job.beat < SILENT_SECONDS
    try:
        process = psutil.Process(job.pid)
        same: bool = abs(process.create_time() - job.pid_started) < 1.0
        return same and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
