"""Who did something and when, as one quiet line."""

import time
from collections.abc import Callable

from app import people
from app.when import ago
from app.widgets.text import escape_markdown


def who(author: str) -> str:
    """'you', or the name; markdown."""
    return "you" if author == people.current().name else escape_markdown(author)


def rival(author: str) -> str:
    """Who wrote at the same time: 'you, in another window', or the name; markdown."""
    return "you, in another window" if author == people.current().name else escape_markdown(author)


def signed(author: str, at: float, *, named: Callable[[str], str] = who) -> str:
    """'you, 3 min ago'; markdown. `named` says who it was."""
    return f"{named(author)}, {ago(at, time.time())}"
