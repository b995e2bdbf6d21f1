"""The process of one job: ``python -m analysis.jobs.worker RUNS_ROOT ID`` runs one command line and tells the store.

The command runs in this very process, so that its death and the job's are the same event. At its end the worker starts
the next job that waits.
"""

import os
import runpy
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from analysis.errors import OutputError
from analysis.jobs.job import NEWS, JobState
from analysis.jobs.launch import tend
from analysis.jobs.process import process_mark
from analysis.jobs.store import JobStore

BEAT_SECONDS = 1.0
GRACE_SECONDS = 30.0  # between the polite request to stop and the end
TRIES = 6  # to write down the end; each waits for whoever holds the store
INTERRUPTED = 3  # the command line's exit status after Ctrl-C


def main(runs_root: str, number: int) -> int:
    """Run the job and return its exit status."""
    # A server started in the background of a shell hands down an ignored Ctrl-C, and then cancelling could not work.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    store = JobStore(Path(runs_root))
    pid = os.getpid()
    started = psutil.Process(pid).create_time()
    mark = process_mark(pid) or ""
    if not store.begin(number, pid=pid, pid_started=started, host=socket.gethostname(), mark=mark):
        return 0
    job = store.get(number)
    if job is None:
        return 0
    os.environ[NEWS] = str(job.news)
    ended = threading.Event()
    threading.Thread(target=_beat, args=(store, number, ended), daemon=True).start()
    status = run_command(job.command)
    ended.set()
    _finish(store, number, status)
    return status


def run_command(arguments: tuple[str, ...]) -> int:
    """Run ``python -m analysis ARGUMENTS`` in this process and return its exit status; tracebacks go to the log."""
    sys.argv = ["analysis", *arguments]
    try:
        runpy.run_module("analysis", run_name="__main__", alter_sys=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _outcome(state: JobState, status: int) -> JobState:
    if status == 0:
        return JobState.DONE
    if state is JobState.CANCELLING or status == INTERRUPTED:
        return JobState.CANCELLED
    return JobState.FAILED


def _finish(store: JobStore, number: int, status: int) -> None:
    """Write down the end and start what waits; where the store is locked or full, after a while."""
    for _ in range(TRIES):
        with suppress(OutputError):
            store.finish(number, _outcome(store.beat(number), status), status)
            tend(store)
            return


def _beat(store: JobStore, number: int, ended: threading.Event) -> None:
    while not ended.wait(BEAT_SECONDS):
        state = JobState.RUNNING
        with suppress(OutputError):  # locked for long, or full for a while: the work itself goes on
            state = store.beat(number)
        if state is JobState.CANCELLING:
            os.kill(os.getpid(), signal.SIGINT)
            if not ended.wait(GRACE_SECONDS):
                _finish(store, number, INTERRUPTED)
                os.killpg(os.getpgid(0), signal.SIGKILL)
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
