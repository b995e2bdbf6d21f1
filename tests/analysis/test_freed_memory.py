"""Memory that is free again goes back to the system, and nothing in use goes with it."""

import sys

import numpy as np
import psutil
import pytest

from analysis.freed_memory import give_back


def test_what_is_in_use_stays():
    kept = np.arange(1_000_000)
    give_back()
    assert kept.sum() == 999_999 * 500_000


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc gives memory back on request")
def test_freed_pages_leave_the_process():
    small = [bytes(2_000) for _ in range(60_000)]  # too small to be mapped one by one
    last = bytes(2_000)  # stands behind them, so that they do not leave by themselves
    del small
    before = psutil.Process().memory_info().rss
    give_back()
    assert before - psutil.Process().memory_info().rss > 60e6
    assert not any(last)
