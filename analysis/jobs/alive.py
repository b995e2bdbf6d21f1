"""Noticing jobs whose process vanished."""

import socket
import threading
import time
from pathlib import Path

import psutil

from analysis.jobs.job import Job, JobState
from analysis.jobs.process import process_mark
from analysis.jobs.store import JobStore

STARTING_SECONDS = 60.0  # a claimed job that got no process by then has lost whoever claimed it
SILENT_SECONDS = 120.0  # on another machine only the heartbeat can be seen


class Silence:
    """How long a job has given no sign of life, by this process's own steady clock.

    The time of the last beat is another machine's, and either clock may be set anew while we wait; whether the
    *count* of beats grows between two looks is not a matter of clocks.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[Path, int], tuple[int, float]] = {}
        self._lock = threading.Lock()

    def of(self, store: JobStore, job: Job) -> float:
        """Seconds since the first look that saw this count of beats; 0 at that look."""
        now = time.monotonic()
        with self._lock:
            beats, since = self._seen.get((store.file, job.id), (-1, now))
            if beats != job.beats:
                since = now
            self._seen[store.file, job.id] = job.beats, since
        return now - since


_SILENCE = Silence()


def reap(store: JobStore) -> None:
    """Mark as dead every job whose process is gone; put back into the queue what never got one."""
    for job in store.active():
        if job.state is JobState.QUEUED or is_alive(store, job):
            continue
        if job.state is JobState.STARTING and not job.pid:
            store.requeue(job.id)
        else:
            was_asked = job.state is JobState.CANCELLING
            store.finish(job.id, JobState.CANCELLED if was_asked else JobState.DEAD)


def is_alive(store: JobStore, job: Job) -> bool:
    """Whether the process of a job at work exists; on another machine, whether it gives signs of life."""
    if not job.pid:
        return _SILENCE.of(store, job) < STARTING_SECONDS
    if job.host != socket.gethostname():
        return _SILENCE.of(store, job) < SILENT_SECONDS
    if job.mark:
        return process_mark(job.pid) == job.mark
    try:  # a row that an earlier version wrote
        return bool(abs(psutil.Process(job.pid).create_time() - job.pid_started) < 1.0)
    except psutil.NoSuchProcess:
        return False
