"""Versions of what stands in an address: links that earlier versions wrote are brought to this one.

A link from Copy link names its version as ``v``; the address bar names none. So an address without ``v`` may be of
any version up to now, and all steps are taken on it: a step may therefore only replace names and values that no later
version gives another meaning. Old names are never used again.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

VERSION = 1
PARAMETER = "v"

Query: TypeAlias = list[tuple[str, str]]  # names and values in their order; a name may come again
Step: TypeAlias = Callable[[str, Query], tuple[str, Query]]


def renamed(names: dict[str, str], pages: dict[str, str] | None = None) -> Step:
    """A step that gives parameters (and pages) other names; where both names stand in a link, the new one counts."""

    def step(page: str, query: Query) -> tuple[str, Query]:
        present = {name for name, _ in query}
        moved = [
            (names.get(name, name), value)
            for name, value in query
            if name not in names or names[name] not in present
        ]  # fmt: skip
        return (pages or {}).get(page, page), moved

    return step


# Step n brings version n to n + 1; once released, a step is never edited.
STEPS: tuple[Step, ...] = (
    # 0 → 1: links get a version; all names of version 0 stand.
    renamed({}),
)


def up_to_date(page: str, query: Query, *, steps: Sequence[Step] = STEPS) -> tuple[str, Query]:
    """Page and parameters as this version names them, without ``v``.

    Args:
        page: Name of the page, "" for the first one.
        query: The parameters. Of a later version than ours they are left as they are, ``v`` included.
        steps: The steps of all versions.
    """
    said = next((value for name, value in query if name == PARAMETER), "0")
    version = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0
    if version > len(steps):
        return page, query
    query = [(name, value) for name, value in query if name != PARAMETER]
    for step in steps[version:]:
        page, query = step(page, query)
    return page, query
