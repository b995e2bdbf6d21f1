"""The process of one job: ``python -m analysis.jobs.worker RUNS_ROOT ID`` runs one command line and tells the store.

The command runs in this very process, so that its death and the job's are the same event.
"""

import os
import runpy
import signal
import socket
import sys
import threading
from pathlib import Path

import psutil

from analysis.jobs.job import JobState
from analysis.jobs.store import JobStore

BEAT_SECONDS = 1.0
GRACE_SECONDS = 30.0  # between the polite request to stop and the end
INTERRUPTED = 3  # the command line's exit status after Ctrl-C


def main(runs_root: str, number: int) -> int:
    """Run the job and return its exit status."""
    # A server started in the background of a shell hands down an ignored Ctrl-C, and then cancelling could not work.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    store = JobStore(Path(runs_root))
    pid = os.getpid()
    if not store.begin(number, pid=pid, pid_started=psutil.Process(pid).create_time(), host=socket.gethostname()):
        return 0
    job = store.get(number)
    if job is None:
        return 0
    ended = threading.Event()
    threading.Thread(target=_beat, args=(store, number, ended), daemon=True).start()
    status = run_command(job.command)
    ended.set()
    store.finish(number, _outcome(store.beat(number), status), status)
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


def _beat(store: JobStore, number: int, ended: threading.Event) -> None:
    while not ended.wait(BEAT_SECONDS):
        if store.beat(number) is JobState.CANCELLING:
            os.kill(os.getpid(), signal.SIGINT)
            if not ended.wait(GRACE_SECONDS):
                store.finish(number, JobState.CANCELLED, INTERRUPTED)
                os.killpg(os.getpgid(0), signal.SIGKILL)
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
