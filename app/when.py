"""Times as people say them."""

from datetime import datetime


def ago(at: float, now: float) -> str:
    """How long ago something was: 'just now', '3 min ago', '5 h ago', '2 days ago', then the date.

    Args:
        at: When it was, seconds since 1970.
        now: The present. Clocks of two machines differ, so what lies ahead of it was just now.
    """
    seconds = now - at
    if seconds < 45:
        return "just now"
    if seconds < 90 * 60:
        return f"{max(1, round(seconds / 60))} min ago"
    if seconds < 36 * 3600:
        return f"{round(seconds / 3600)} h ago"
    if seconds < 14 * 86400:
        return f"{round(seconds / 86400)} days ago"
    try:
        return f"on {datetime.fromtimestamp(at):%d %b %Y}"
    except (ValueError, OverflowError, OSError):  # a clock that was far off
        return "long ago"
