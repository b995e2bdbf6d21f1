"""How far a long piece of work is: the callback everyone calls, and what a person is told from it."""

import time
from collections.abc import Callable
from typing import Any, TypeAlias

# stage, done, total (0 = not known yet); called as often as the worker likes
ProgressCallback: TypeAlias = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Ignore progress."""


class Pace:
    """Rate and time left of the current stage, from the calls so far."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._stage, self._started, self._first = "", 0.0, 0

    def update(self, stage: str, done: int, total: int) -> dict[str, Any]:
        """Return stage, done, total, rate (items a second, None before the second call) and seconds_left (or None).

        What was finished before the first call (a resumed run) does not count towards the rate.
        """
        now = self._now()
        if stage != self._stage:
            self._stage, self._started, self._first = stage, now, done
        elapsed, fresh = now - self._started, done - self._first
        rate = fresh / elapsed if elapsed > 0 and fresh > 0 else None
        left = (total - done) / rate if rate and total else None
        return {"stage": stage, "done": done, "total": total, "rate": rate, "seconds_left": left}
