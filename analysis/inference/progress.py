"""Telling how far a stage is, not more often than anybody can read."""

import time

from analysis.progress import ProgressCallback

INTERVAL = 0.1


class Throttle:
    """Passes progress on; skips what comes within a tenth of a second, but never the end."""

    def __init__(self, progress: ProgressCallback) -> None:
        self._progress = progress
        self._last = float("-inf")

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell that `done` of `total` are finished."""
        now = time.monotonic()
        if done >= total or now - self._last >= INTERVAL:
            self._last = now
            self._progress(stage, done, total)
