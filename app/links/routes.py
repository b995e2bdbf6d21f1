"""Short links over HTTP: ``/s/ID`` leads to a view, ``POST /api/links`` makes one."""

import json
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from analysis.errors import AnalysisError, StoreError
from app import people
from app.access import audit
from app.access.login_page import notice
from app.access.paths import below_prefix, prefix
from app.links import long_views
from app.links.arrival import address, settled
from app.links.versions import VERSION
from app.queries import short_links

LARGEST = 1_000_000  # bytes of a request


def open_short(request: Request) -> Response:
    """302 to the view; a readable 404 where there is none.

    A view whose address is too long to be asked for is opened by its number: the page's head puts the address in the
    browser before the app starts (`long_views`).
    """
    try:
        found = short_links.find(request.path_params["number"])
    except StoreError as error:
        return _say("This link cannot be opened just now", str(error), status=503)
    if found is None:
        return _say("There is no such short link", "A character may have got lost when it was copied.", status=404)
    page, query = settled(*found)
    if len(address(page, query)) > short_links.LONGEST_ADDRESS:
        query = long_views.stand_in(query, request.path_params["number"])
    return RedirectResponse(address(page, query), status_code=302, headers={"Cache-Control": "no-store"})


def _say(title: str, sentence: str, *, status: int) -> HTMLResponse:
    return notice(title, sentence, link=(f"{prefix()}/", "Open Faultline"), status=status)


async def make_short(request: Request) -> Response:
    """JSON ``{"address": "/classes?run=…"}`` in, ``{"address": "/s/ID"}`` out; the same view gives the same id."""
    # Only a page of this app can send this type without asking first, and only it can read the answer.
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return JSONResponse({"error": "Send JSON."}, status_code=415)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return JSONResponse({"error": f"A view may take {LARGEST:,} bytes to describe."}, status_code=413)
    try:
        asked = json.loads(body)["address"]
        if not isinstance(asked, str):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        return JSONResponse({"error": 'Send {"address": "/page?run=…"}.'}, status_code=400)
    try:
        return JSONResponse({"address": await run_in_threadpool(_keep, request, asked)})
    except AnalysisError as error:
        return JSONResponse({"error": str(error)}, status_code=400)


def _keep(request: Request, asked: str) -> str:
    try:
        parts = urlsplit(asked)
    except ValueError:
        raise StoreError("This is no address of a view of this app.") from None
    person = people.of_request(request)
    author = "guest" if person is None else person.name
    page = below_prefix(parts.path).strip("/")
    number = short_links.keep(page, parts.query, version=VERSION, author=author)
    audit.record("shared a view", by=author, link=number)
    return f"{prefix()}/s/{number}"


LINK_ROUTES = [
    Route("/s/{number}", open_short),
    Route("/api/links", make_short, methods=["POST"]),
]
