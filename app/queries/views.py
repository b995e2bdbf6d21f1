"""Saved views of a run: a name for a page with its filters, in the database of what people add."""

import re
from dataclasses import dataclass
from typing import Any

from analysis.errors import StoreError
from app.links.arrival import address
from app.links.versions import PARAMETER, VERSION, Query, up_to_date
from app.queries import investigations
from app.queries.investigations import ConflictError, Item
from app.queries.runs import RunKey

KIND = "view"
NAME_CHARACTERS = 80
QUERY_CHARACTERS = 12_000  # browsers and servers pass on that much of an address
_NOT_KEPT = ("run", "rid", PARAMETER)  # the run is whichever one the view is opened on


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view; `address` opens it on the run it was asked for."""

    name: str
    address: str
    author: str
    at: float
    version: int


def views(key: RunKey) -> list[View]:
    """All saved views of a run, by name."""
    return [_view(key, item) for item in investigations.items(key, KIND)]


def save(key: RunKey, name: str, page: str, query: Query) -> None:
    """Keep a view under a name.

    Args:
        key: The run.
        name: 1 to 80 characters.
        page: Name of the page, "" for the first one.
        query: Parameters of its address.

    Raises:
        StoreError: If the name is empty, too long or taken, or the view takes too much to describe.
    """
    kept = [[parameter, value] for parameter, value in query if parameter not in _NOT_KEPT]
    if sum(len(part) for pair in kept for part in pair) > QUERY_CHARACTERS:
        raise StoreError("This view takes too much to describe. Narrow the selection, then save it.")
    value = {"page": page, "query": kept, "v": VERSION}
    try:
        investigations.put(key, KIND, _checked(name), value, expected=0)
    except ConflictError as conflict:
        raise _taken(name, conflict.current) from None


def rename(key: RunKey, view: View, name: str) -> None:
    """Give a view another name.

    Raises:
        StoreError: If the name is empty, too long or taken, or the view is not there any more.
    """
    name = _checked(name)
    there = {item.subject: item for item in investigations.items(key, KIND)}
    if name == view.name:
        return
    if name in there:
        raise _taken(name, there[name])
    if view.name not in there:
        raise StoreError("This view was deleted by somebody else in the meantime.")
    investigations.put_many(key, KIND, {view.name: None, name: there[view.name].value})


def delete(key: RunKey, view: View) -> None:
    """Delete a view.

    Raises:
        ConflictError: If somebody changed it since.
    """
    investigations.put(key, KIND, view.name, None, expected=view.version)


def _view(key: RunKey, item: Item) -> View:
    page, query = up_to_date(str(item.value.get("page") or ""), _query(item.value))
    page = page if re.fullmatch("[a-z_]{0,40}", page) else ""
    where = address(page, [("run", key.id), *query])
    return View(name=item.subject, address=where, author=item.author, at=item.at, version=item.version)


def _query(value: Any) -> Query:
    said = value.get("query")  # perhaps imported: nobody has checked it
    pairs = [(str(pair[0]), str(pair[1])) for pair in said if _is_pair(pair)] if isinstance(said, list) else []
    return [*(pair for pair in pairs if pair[0] not in _NOT_KEPT), (PARAMETER, str(value.get("v", 0)))]


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_CHARACTERS:
        raise StoreError(f"Give the view a name of 1 to {NAME_CHARACTERS} characters.")
    return name


def _taken(name: str, item: Item | None) -> StoreError:
    owner = f", saved by {item.author}" if item is not None else ""
    return StoreError(f"There is a view “{name.strip()}” already{owner}. Choose another name.")
