"""What every test stands on."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_reaches_the_tests() -> None:
    """Started in the background of a shell, a process ignores Ctrl-C, and hands that down to all it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
