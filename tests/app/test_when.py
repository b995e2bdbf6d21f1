"""Times as people say them."""

import pytest

from app.when import ago

DAY = 86400.0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"), (44, "just now"), (50, "1 min ago"), (180, "3 min ago"), (2 * 3600, "2 h ago"),
        (3 * DAY, "3 days ago"), (-1e6, "just now"),
    ],
)  # fmt: skip
def test_how_long_ago(seconds: float, said: str) -> None:
    assert ago(1e9 - seconds, 1e9) == said


def test_long_ago_is_a_date_and_a_mad_clock_is_no_error() -> None:
    assert ago(1e9, 1e9 + 100 * DAY) == "on 09 Sep 2001"
    assert ago(-1e300, 1e9) == "long ago"
