"""The app's own part of an address: `server.baseUrlPath` and a proxy's prefix taken off or put before it."""

from collections.abc import Iterable

import streamlit as st
from starlette.routing import Route


def prefix() -> str:
    """What stands before every path of the app: "" or "/faultline"."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def below_prefix(path: str) -> str:
    """A request's path without the prefix; as it is where it does not begin with it."""
    start = prefix()
    if start and (path == start or path.startswith(f"{start}/")):
        return path[len(start) :] or "/"
    return path


def prefixed(routes: Iterable[Route]) -> list[Route]:
    """The same routes below the prefix; Streamlit puts it before its own only."""
    return [Route(f"{prefix()}{route.path}", route.endpoint, methods=list(route.methods or ())) for route in routes]


def local_address(text: str) -> str | None:
    """An address inside this app, fit for a redirect; None for anything that could lead elsewhere.

    Two slashes, a slash and a backslash, and control characters are read by browsers as another site.
    """
    fits = text.startswith("/") and text[1:2] not in ("/", "\\") and text.isascii() and text.isprintable()
    return text if fits else None
