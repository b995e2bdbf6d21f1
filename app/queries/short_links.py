"""Short links of the current runs root, kept in the database of what people add."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from analysis.errors import StoreError
from analysis.investigations.address import database_url
from analysis.investigations.short_links import ShortLinks
from app.queries.roots import runs_root
from app.queries.run_list import list_runs

LONGEST_ADDRESS = 7_000  # characters of an address that every server and proxy in between lets pass
LONGEST_STATE = 400_000  # characters of a view; Streamlit takes 512 Ki of an address from the browser
_PAGE = re.compile(r"[a-z_]{0,40}")


def keep(page: str, search: str, *, version: int, author: str) -> str:
    """The id of a view.

    Args:
        page: Its name, "" for the first one.
        search: The query of its address.
        version: Of the address.
        author: Who shares it.

    Raises:
        StoreError: If it is no view of this app, or too long, or cannot be kept.
    """
    try:
        query = parse_qsl(search.removeprefix("?"), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        raise StoreError("This is no address of a view: it has more than 1,000 parameters.") from None
    if _PAGE.fullmatch(page) is None:
        raise StoreError("This is no address of a view of this app.")
    query = [(name, value) for name, value in query if name not in ("v", "rid", "moved")]
    length = len(urlencode(query, safe=",:()"))
    if length > LONGEST_STATE:
        raise StoreError(
            f"This view takes {length:,} characters to describe, and a short link holds {LONGEST_STATE:,}. "
            "Narrow the selection or shorten the filter."
        )
    run = next((value for name, value in query if name == "run"), "")
    entry = next((entry for entry in list_runs() if entry.id == run), None)
    state: dict[str, Any] = {"page": page, "query": query, "v": version}
    if entry is not None:
        state["mark"] = str(entry.mark)
    return _links(database_url(runs_root())).keep(state, author=author)


def find(number: str) -> tuple[str, list[tuple[str, str]]] | None:
    """Page and parameters of a short link, version and mark among them; None where there is none.

    Raises:
        StoreError: If the database cannot be read.
    """
    state = _links(database_url(runs_root())).find(number)
    if state is None or _PAGE.fullmatch(str(state.get("page"))) is None:
        return None
    query = [(str(name), str(value)) for name, value in state.get("query") or ()]
    query += [("v", str(state.get("v", 0)))]
    query += [("rid", str(state["mark"]))] if "mark" in state else []
    return str(state["page"]), query


def leading_to(identity: str) -> int:
    """How many short links lead to the run of this identity.

    Raises:
        StoreError: If the database cannot be read.
    """
    return _links(database_url(runs_root())).about(identity)


@st.cache_resource(max_entries=4, show_spinner=False)
def _links(url: str) -> ShortLinks:
    return ShortLinks(url)
