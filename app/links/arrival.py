"""What happens to an address when somebody arrives with it: the version is seen to, and the run's mark is checked.

Both leave the address when all is well, so that the address bar shows the state and nothing else; a mark that does not
fit stays, and the page says what became of the run (`widgets.lost_run`).
"""

import re
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from analysis.runs.mark import RunMark
from app.access.paths import below_prefix, prefix
from app.links.versions import Query, up_to_date
from app.queries.run_list import list_runs

MARK = "rid"  # the run's mark in an address
MOVED = "moved"  # the name that the link had for a run that is called something else here
RUN = "run"
KEPT = ",:()"  # characters of outlines and lists that need no escape in a query
FIELDS = 1000  # a query with more is no link of ours
_PAGE = re.compile(r"/([a-z_]{0,40})/?")


class Arrival:
    """ASGI middleware: an address of an earlier version, or with a mark that fits, is answered by today's one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or send it to the right address."""
        page = page_of(scope)
        if page is None or not scope.get("query_string"):
            await self.app(scope, receive, send)
            return
        query = query_of(scope)
        settled_page, settled_query = await run_in_threadpool(settled, page, query)
        if (settled_page, settled_query) == (page, query):
            await self.app(scope, receive, send)
        else:
            answer = RedirectResponse(address(settled_page, settled_query), 302, {"Cache-Control": "no-store"})
            await answer(scope, receive, send)


def page_of(scope: Scope) -> str | None:
    """The page that a request asks for, "" for the first one; None where it asks for no page."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None
    found = _PAGE.fullmatch(below_prefix(scope["path"]))
    return None if found is None or found[1] in _NO_PAGES else found[1]


_NO_PAGES = frozenset({"api", "media", "component", "static", "auth", "login", "healthz", "metrics", "_stcore", "s"})


def query_of(scope: Scope) -> Query:
    """The parameters of a request; none where there are too many to be a link of ours."""
    text = bytes(scope.get("query_string", b"")).decode("latin-1")
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        return []


def settled(page: str, query: Query) -> tuple[str, Query]:
    """Page and parameters of this version; without the run's mark where it fits a run.

    Where that run has another name here, the address gets it, and ``moved`` tells the name in the link.
    """
    page, query = up_to_date(page, query)
    said = next((value for name, value in query if name == MARK), None)
    if said is None:
        return page, query
    mark = RunMark.parse(said)
    named = next((value for name, value in query if name == RUN), "")
    found = named if mark is None else _name_here(mark, named)
    if found is None:
        return page, query
    rest = [(name, value) for name, value in query if name not in (MARK, MOVED)]
    if found == named:
        return page, rest
    return page, [(RUN, found), *((name, value) for name, value in rest if name != RUN), (MOVED, named)]


def _name_here(mark: RunMark, named: str) -> str | None:
    """The name of a run with this content: the link's where it is one, else the newest; None where there is none."""
    same = [entry.id for entry in list_runs() if entry.mark.identity == mark.identity]
    return named if named in same else same[0] if same else None


def address(page: str, query: Query) -> str:
    """Path and query of a page of this app."""
    return f"{prefix()}/{page}" + (f"?{urlencode(query, safe=KEPT)}" if query else "")
