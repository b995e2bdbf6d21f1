"""Whose page is drawn next: a few at a time, in the order they asked.

Python runs one thread at a time. Fifty pages drawn side by side all take fifty times as long, and the thread that sends
their answers waits behind each of them; one after the other the first is there at once and the last no later.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2  # numpy and Arrow let others run meanwhile
PATIENCE = 3.0  # seconds; then a page is drawn beside the others, as one of those may wait for a disk or a database

_places = threading.Semaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a place among the pages that are drawn, and hold it; never longer than `PATIENCE`."""
    has_place = _places.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if has_place:
            _places.release()
