"""Short links, on both databases: the same view has the same id, and nobody guesses one."""

import threading
import time
from collections.abc import Iterator

import pytest

from analysis.errors import StoreError
from analysis.investigations import short_links
from analysis.investigations.short_links import STATE_CHARACTERS, ShortLinks

STATE = {
    "page": "classes",
    "query": [["run", "a"], ["cls", "naïve <b>'; DROP TABLE faultline_short_links; --"]],
    "v": 1,
}


@pytest.fixture
def links(url: str) -> Iterator[ShortLinks]:
    opened = ShortLinks(url)
    yield opened
    opened.close()


def test_what_was_kept_is_found_and_nothing_else(links: ShortLinks) -> None:
    assert links.find("A" * 22) is None
    number = links.keep(STATE, author="ada")
    assert links.find(number) == STATE
    for other in ("", "A" * 22, number[:-1], f"{number} ", "%", "' OR 1=1 --", number + "\x00", "ü" * 22):
        assert links.find(other) is None


def test_the_same_view_has_the_same_id(links: ShortLinks) -> None:
    number = links.keep(STATE, author="ada")
    assert links.keep(dict(reversed(STATE.items())), author="bob") == number
    assert links.keep(STATE | {"page": "examples"}, author="ada") != number


@pytest.mark.parametrize("days", [-20_000, -1, 1, 20_000])
def test_a_clock_that_jumps_changes_no_link(links: ShortLinks, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    number = links.keep(STATE, author="ada")
    now = time.time()
    monkeypatch.setattr(short_links.time, "time", lambda: now + 86_400 * days)
    assert links.find(number) == STATE
    assert links.keep(STATE, author="bob") == number
    other = links.keep(STATE | {"page": "examples"}, author="ada")
    monkeypatch.undo()
    assert links.find(other) == STATE | {"page": "examples"}


def test_ids_are_long_and_of_chance(links: ShortLinks) -> None:
    ids = {links.keep({"n": n}, author="ada") for n in range(50)}
    assert len(ids) == 50
    assert {len(number) for number in ids} == {22}  # 128 bits in letters of 6


def test_of_many_who_share_at_once_all_get_the_same_id(url: str) -> None:
    found: list[str] = []
    barrier = threading.Barrier(6)

    def keep() -> None:
        links = ShortLinks(url)
        barrier.wait()
        found.append(links.keep(STATE, author="ada"))
        links.close()

    threads = [threading.Thread(target=keep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_a_state_that_is_too_large_is_refused(links: ShortLinks) -> None:
    with pytest.raises(StoreError, match="1,000,000"):
        links.keep({"x": "y" * STATE_CHARACTERS}, author="ada")
    assert links.find(links.keep({"x": "y" * (STATE_CHARACTERS - 100)}, author="ada")) is not None
