"""What lives between runs of pages is out of the collector's sight, and garbage among it still goes."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from app import collector


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    collector._last[0] = 0.0


class Session:
    """Something that points at itself, as sessions do."""

    def __init__(self) -> None:
        self.itself = self


def test_what_lives_when_a_page_begins_is_not_looked_at_again() -> None:
    session = Session()
    collector.page_begins()
    assert not any(found is session for found in gc.get_objects())
    made_since = Session()
    assert any(found is made_since for found in gc.get_objects())


def test_garbage_of_a_run_goes_at_once_and_what_was_out_of_sight_goes_with_the_next_look_at_everything() -> None:
    collector.page_begins(clock=lambda: 1000.0)
    run = weakref.ref(Session())
    gc.collect()
    assert run() is None
    session = Session()
    left = weakref.ref(session)
    collector.page_begins(clock=lambda: 1001.0)
    del session
    gc.collect()
    assert left() is not None
    collector.page_begins(clock=lambda: 1001.0 + collector.EVERY)
    assert left() is None
