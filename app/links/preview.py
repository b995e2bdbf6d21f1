"""Link previews: chat programs read a title and one sentence from the page's head; they run no scripts.

The tags stand in every page's answer, for people and programs alike: who may see the page may see them. With a login,
a program without the cookie meets the login page, which says the app's name and nothing else. There is no picture.
"""

from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.links import long_views
from app.links.arrival import RUN, page_of, query_of
from app.links.versions import Query
from app.queries import previews

_CONDITIONS = (b"if-none-match", b"if-modified-since", b"range", b"accept-encoding")
_LARGEST = 1 << 20  # bytes; the page's frame has a few thousand


class Previews:
    """ASGI middleware that writes the tags into the head of every page, and the address of a long view."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the head of its answer."""
        if page_of(scope) is None:
            await self.app(scope, receive, send)
            return
        query = query_of(scope)
        tags = await run_in_threadpool(lambda: preview_tags(query) + long_views.script(query))
        # The frame never changes, but what is said in its head does: it has to be sent anew each time.
        headers = [(name, value) for name, value in scope["headers"] if name not in _CONDITIONS]
        await self.app({**scope, "headers": headers}, receive, _Completed(tags.encode(), send))


class _Completed:
    """Holds an HTML answer back until it is whole, and sends it with the tags in its head."""

    def __init__(self, tags: bytes, send: Send) -> None:
        self._tags, self._send = tags, send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(Headers(raw=message["headers"])):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish()
        else:
            await self._send(message)

    async def _finish(self) -> None:
        assert self._start is not None
        body = self._body.replace(b"</head>", self._tags + b"</head>", 1)
        headers = MutableHeaders(raw=list(self._start["headers"]))
        if "content-length" in headers and self._body:  # an answer to HEAD has a length and no body
            headers["content-length"] = str(len(body))
        for name in ("etag", "last-modified"):
            if name in headers:
                del headers[name]
        headers["cache-control"] = "no-cache"
        await self._send({**self._start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(headers: Headers) -> bool:
    length = headers.get("content-length", "0")
    is_small = length.isdigit() and int(length) <= _LARGEST
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers and is_small


def preview_tags(query: Query) -> str:
    """The tags for an address with these parameters."""
    named = dict(reversed(query))  # of a name that comes again, the first counts
    preview = previews.preview(named.get(RUN), named.get("finding"))
    tags = {"og:site_name": "Faultline", "og:type": "website", "og:title": preview.title}
    tags |= {"og:description": preview.sentence} if preview.sentence else {}
    described = f'<meta name="description" content="{escape(preview.sentence)}">' if preview.sentence else ""
    return described + "".join(f'<meta property="{name}" content="{escape(text)}">' for name, text in tags.items())
