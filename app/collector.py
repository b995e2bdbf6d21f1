"""Streamlit collects all garbage after every run of a page, which takes longer the more objects the server holds.

What lives when a page begins (libraries, tables, names of 8,000 classes, the sessions of everybody else) is taken out
of the collector's sight, which then has only the objects of this run to look at, not those of a hundred sessions. Once
in a while everything is looked at again, since what is out of sight may have become garbage since.
"""

import gc
import time
from collections.abc import Callable

EVERY = 30.0  # seconds between looks at everything

_last = [0.0]


def page_begins(*, clock: Callable[[], float] = time.monotonic) -> None:
    """Call it at the beginning of a page's run."""
    if clock() - _last[0] >= EVERY:
        _last[0] = clock()
        gc.unfreeze()
        gc.collect()
    gc.freeze()
