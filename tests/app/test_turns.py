"""Pages are drawn a few at a time, and none waits for ever."""

import threading

import pytest

from app import turns
from app.turns import AT_ONCE, turn


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_places", threading.Semaphore(AT_ONCE))


def test_no_more_than_a_few_at_once_and_all_in_the_end() -> None:
    lock, now, most, done = threading.Lock(), 0, 0, 0
    released = threading.Event()

    def draw() -> None:
        nonlocal now, most, done
        with turn():
            with lock:
                now, most = now + 1, max(most, now + 1)
            released.wait(1)
            with lock:
                now, done = now - 1, done + 1

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    released.set()
    for thread in threads:
        thread.join()
    assert most <= AT_ONCE
    assert done == 8


def test_whoever_waits_too_long_goes_on_beside_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    held = [turn() for _ in range(AT_ONCE + 2)]
    for one in held:
        one.__enter__()
    for one in held:
        one.__exit__(None, None, None)
    assert turns._places._value == AT_ONCE  # those without a place give none back


def test_a_page_that_fails_gives_its_place_back() -> None:
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ValueError, match="broken"), turn():
            raise ValueError("broken")
