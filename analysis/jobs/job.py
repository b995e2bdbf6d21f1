"""One piece of long work as the store keeps it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

NEWS = "FAULTLINE_JOB_NEWS"  # in the environment of a job: the file in which it tells how far it is


class JobState(StrEnum):
    """Life of a job: queued → starting → running → done, failed or cancelled; dead when its process vanished."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEAD = "dead"

    @property
    def active(self) -> bool:
        """Whether it waits for its turn, or a process is at work on it."""
        return self is JobState.QUEUED or self.at_work

    @property
    def at_work(self) -> bool:
        """Whether it takes up its device: a process is at work, or about to be."""
        return self in (JobState.STARTING, JobState.RUNNING, JobState.CANCELLING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of the store. Times are seconds since 1970 (UTC), 0 where it has not happened yet."""

    id: int
    kind: str  # demo | run | recluster | pool | … : what the app calls it; the work itself is `command`
    title: str
    output: Path  # the run directory it writes
    command: tuple[str, ...]  # arguments of `python -m analysis`
    work: str  # the same for two jobs that would do the same
    device: str  # the queue it waits in: cpu | cuda:0 | …
    author: str  # who started it, "" where nobody is known
    state: JobState
    log: Path
    created: float
    started: float
    beat: float  # last sign of life, for people
    beats: int  # signs of life so far; what silence is judged by, since clocks jump and differ between machines
    finished: float
    pid: int  # 0 before it started
    pid_started: float  # creation time of that process, by the wall clock
    mark: str  # which process that pid was (see process.py), "" where it is not known
    host: str
    exit_status: int | None
    dismissed: bool  # its bad end is known and need not be told any more

    @property
    def news(self) -> Path:
        """File in which the command line tells how far it is."""
        return self.log.with_suffix(".json")


def place_in_queue(job: Job, active: list[Job]) -> int:
    """How many jobs come before this one on its device, those at work included; 0 = it is at work itself.

    Args:
        job: An active job.
        active: All active jobs, oldest first.
    """
    if job.state is not JobState.QUEUED:
        return 0
    return sum(other.device == job.device and (other.state.at_work or other.id < job.id) for other in active)
