"""Streamlit collects all garbage after every run of a page, which takes longer the more objects the server holds.

What a page loads when it is first shown (libraries, tables, names of 8,000 classes) stays for as long as the server
lives: it is taken out of the collector's sight, which then has only the run's own objects to look at. That was 44 % of
the server's processor time.
"""

import gc

_shown: set[str] = set()


def page_was_shown(page: str) -> None:
    """Call it at the end of a page's run; the first time for each page keeps what lives now out of collections."""
    if page not in _shown:
        _shown.add(page)
        gc.collect()
        gc.freeze()
