"""One job: what was asked, in which state it is."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class JobState(StrEnum):
    """Life of a job: queued → running → done, failed or cancelled; dead when its process vanished without a word."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEAD = "dead"

    @property
    def active(self) -> bool:
        """Whether a process is at work, or about to be."""
        return self in (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of the store. Times are seconds since 1970 (UTC), 0 where it has not happened yet."""

    id: int
    kind: str  # demo | run
    title: str
    output: Path  # the run directory it writes
    command: tuple[str, ...]  # arguments of `python -m analysis`
    state: JobState
    log: Path
    created: float
    started: float
    beat: float  # last sign of life
    finished: float
    pid: int  # 0 before it started
    pid_started: float  # creation time of that process: a pid alone may have been given away again
    host: str
    exit_status: int | None
