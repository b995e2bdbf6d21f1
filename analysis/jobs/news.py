"""How far a command is, for whoever watches its job: any subcommand with a progress bar tells it by itself."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from analysis.errors import OutputError
from analysis.jobs.job import NEWS
from analysis.progress import Pace, ProgressCallback
from analysis.runs.atomic import write_json

EVERY_SECONDS = 0.5


def told(progress: ProgressCallback, now: Callable[[], float] = time.monotonic) -> ProgressCallback:
    """The same callback, which in a job also keeps stage, done, total, rate and seconds_left in the job's file."""
    file = os.environ.get(NEWS)
    return progress if not file else _News(Path(file), progress, now)


class _News:
    def __init__(self, file: Path, progress: ProgressCallback, now: Callable[[], float]) -> None:
        self._file, self._progress, self._now = file, progress, now
        self._pace, self._stage, self._written = Pace(now), "", 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._progress(stage, done, total)
        pace = self._pace.update(stage, done, total)
        if stage == self._stage and self._now() - self._written < EVERY_SECONDS:
            return
        self._stage, self._written = stage, self._now()
        updated = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            write_json(self._file, {**pace, "state": "running", "updated": updated})
        except OutputError:
            self._written = self._now() + 60.0  # a full disk: the work will say so itself, if it minds
