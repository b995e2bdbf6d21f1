"""How much and how often one person may ask: sizes of requests, and a rate for what costs the server much."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from analysis.errors import AnalysisError
from app import people
from app.access.paths import below_prefix

LARGEST_BODY = 64 << 20  # bytes; an investigation with its run travels as one file
LONGEST_ADDRESS = 60_000  # characters; uvicorn itself drops what has more than 65,536; longer states have short links
_COSTLY = ("/csv/", "/export", "/report")  # anywhere in an address below /api
_GUESSED = ("/login", "/auth/login", "/oauth2callback", "/s/")  # where somebody could try ids or logins
_REMEMBERED = 10_000


class Rate:
    """A bucket of tokens for each name: `burst` at once, then `per_minute`; memory is bounded."""

    def __init__(self, *, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_minute / 60, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # name → (tokens, when)
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Take one token of a name; seconds until there is one, 0 where there was."""
        with self._lock:
            now = self._clock()
            tokens, when = self._buckets.pop(name, (float(self._burst), now))
            tokens = min(float(self._burst), tokens + (now - when) * self._per_second)
            enough = tokens >= 1
            self._buckets[name] = (tokens - 1 if enough else tokens, now)
            while len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
            return 0.0 if enough else (1 - tokens) / self._per_second


class Limits:
    """ASGI middleware: refuses requests that are too large, and costly ones that come too often."""

    def __init__(self, app: ASGIApp, *, rate: Rate | None = None) -> None:
        self.app = app
        self._rate = rate or Rate(per_minute=120, burst=60)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        answer = self._refusal(scope) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return PlainTextResponse(f"A request may hold {LARGEST_BODY >> 20} MB at most.\n", status_code=413)
        if len(scope["path"]) + len(scope.get("query_string", b"")) > LONGEST_ADDRESS:
            return PlainTextResponse(
                "This address is too long. Go back, and use the short link that Copy link gives.\n", status_code=414
            )
        if _is_costly(below_prefix(scope["path"])):
            seconds = self._rate.wait(_who(scope))
            if seconds > 0:
                wait = {"Retry-After": str(int(seconds) + 1)}
                return PlainTextResponse("Too many requests; try again in a moment.\n", status_code=429, headers=wait)
        return None


def _is_costly(path: str) -> bool:
    return path.startswith(_GUESSED) or (path.startswith("/api/") and any(part in path for part in _COSTLY))


def _who(scope: Scope) -> str:
    """The person, else the machine: one person's downloads do not use up another's."""
    asked = HTTPConnection(scope)
    try:
        person = people.of_request(asked)
    except AnalysisError:
        person = None
    return f"{person.name if person else ''} {_machine(asked)}"


def _machine(asked: HTTPConnection) -> str:
    """Where a request comes from: what stands before the server tells, if it is a proxy, in the last address it added.

    What stands further left, and all of it where no proxy is in between, is the asker's own word.
    """
    host = asked.client.host if asked.client else ""
    told = asked.headers.getlist("x-forwarded-for")
    return told[-1].rpartition(",")[2].strip()[:100] if told and _is_near(host) else host


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return False
