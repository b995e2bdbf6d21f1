"""The host names the app answers to, so that a foreign page cannot reach it under a name of its own (DNS rebinding)."""

from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.access.paths import below_prefix
from app.access.settings import open_hosts

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_PROBES = frozenset({"/healthz", "/_stcore/health"})  # load balancers ask by address


class AllowedHosts:
    """ASGI middleware: a request under a name that is not the app's is refused, and told how to allow it.

    A server that only this machine can reach answers to this machine's names; one that was opened to the network, with
    no names given, to every name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        host = host_name(Headers(scope=scope).get("host", ""))
        if is_allowed(host) or below_prefix(scope["path"]) in _PROBES:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            shown = host if host and host.isascii() and host.isprintable() else "that name"
            text = (
                f"Faultline does not answer to {shown!r}. If this address is meant, start it with that name in "
                "FAULTLINE_HOSTS (several are separated by commas).\n"
            )
            await PlainTextResponse(text, status_code=421)(scope, receive, send)


def is_allowed(host: str) -> bool:
    """Whether the app answers to a host name; `*.example.org` among the allowed stands for every name below it."""
    allowed = allowed_hosts()
    if not allowed:
        return True
    return any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in allowed)


def allowed_hosts() -> frozenset[str]:
    """The names; empty = all."""
    given = {*open_hosts(), *(str(name).lower() for name in st.get_option("server.allowedHosts") or ())}
    address = str(st.get_option("server.address") or "")
    if "*" in given or (not given and address.lower() not in _HERE):
        return frozenset()
    return frozenset({*given, *_HERE, address.lower()} - {""})


def host_name(header: str) -> str:
    """The name in a Host header without its port, in small letters; "" for a header that is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""
