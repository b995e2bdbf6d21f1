"""Starting jobs, in turn, and cancelling them."""

import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import OutputError
from analysis.jobs.alive import reap
from analysis.jobs.device import jobs_per_device, queue_of
from analysis.jobs.job import Job, JobState
from analysis.jobs.process import process_mark
from analysis.jobs.store import JobStore


def start(
    store: JobStore,
    *,
    kind: str,
    title: str,
    output: Path,
    command: Sequence[str],
    device: str = "auto",
    author: str = "",
) -> Job:
    """Start a job in a process of its own as soon as its device is free, or return the active one that does the same.

    The process has its own group and no terminal: neither Ctrl-C on the server nor a closed browser reaches it.

    Args:
        store: Where jobs are kept.
        kind: ``demo``, ``run``, ``recluster``, ``pool``, …
        title: What people call it.
        output: Run directory it writes; jobs that write the same one come after each other.
        command: Arguments of ``python -m analysis``, for example ``("demo", "--out", "runs/demo")``.
        device: What it computes on, as ``[inference] device`` says it.
        author: Who starts it.
    """
    job, _ = store.add(
        kind=kind, title=title, output=output, command=command, device=queue_of(device), author=author
    )  # fmt: skip
    tend(store)
    return store.get(job.id) or job


def tend(store: JobStore) -> None:
    """Notice what has vanished, and start what may start now; cheap, so every look at the jobs does it."""
    reap(store)
    start_waiting(store)


def start_waiting(store: JobStore) -> None:
    """Start the jobs whose turn it is; the worker of a job that ends calls this, so no browser needs to be open."""
    while (job := store.claim(limit=jobs_per_device(), host=socket.gethostname())) is not None:
        _spawn(store, job)


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
    except OSError as error:
        store.finish(job.id, JobState.FAILED)
        raise OutputError(f"“{job.title}” could not be started: {error}.") from error
    # Somebody has to wait for a child, or it stays a zombie for as long as the server lives.
    threading.Thread(target=process.wait, name=f"job {job.id}", daemon=True).start()
    store.spawned(job.id, pid=process.pid, mark=process_mark(process.pid) or "ended")


def cancel(store: JobStore, number: int) -> None:
    """Ask a job to stop; what it finished stays, and the run can be resumed."""
    store.ask_to_cancel(number)
    start_waiting(store)  # a waiting job that leaves may make way for another
