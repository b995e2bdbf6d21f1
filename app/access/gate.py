"""Everything is behind the login: without its cookie a request sees the login page, and nothing else.

Streamlit's own `st.login` guards the script only, neither routes nor the websocket, and lands on the first page; so the
gate stands before all of them and brings people back to the link they came with.
"""

from urllib.parse import quote, unquote

from starlette.datastructures import URL
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import encode_provider_token

from analysis.errors import AnalysisError
from app import people
from app.access import audit
from app.access.login import claims_of
from app.access.login_page import login_page, misconfigured, turned_away
from app.access.paths import below_prefix, local_address, prefix
from app.access.settings import access_settings, login_is_configured, providers

RETURN = "faultline_return"  # cookie: the address to come back to after the login
_RETURN_SECONDS = 600
_LONGEST = 3000  # characters; a cookie holds about 4,000 bytes, and longer states have short links
# The way through the login itself, and what machines ask; /metrics looks for its own token.
_OPEN = frozenset({"/auth/login", "/auth/logout", "/oauth2callback", "/healthz", "/metrics", "/_stcore/health"})
_NO_PAGES = ("/api/", "/_stcore/", "/media/", "/component/", "/static/", "/app/static/", "/auth/")


class Gate:
    """ASGI middleware; it lets everything pass where no login is configured."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the login."""
        if scope["type"] not in ("http", "websocket") or not login_is_configured():
            await self.app(scope, receive, send)
            return
        answer = _answer(HTTPConnection(scope))
        if answer is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()  # the request to connect
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, send)


def _answer(asked: HTTPConnection) -> Response | None:
    """What stands in the way of a request; None where nothing does."""
    path = below_prefix(asked.url.path)
    if path in _OPEN:
        return None
    if path == "/login" and asked.scope["type"] == "http":
        return _to_provider(asked)
    try:
        person = people.of_request(asked)
        if person is None:
            return _refusal(asked, path)
    except AnalysisError as error:
        return misconfigured(str(error))
    return _back(asked, person.name) if path == "/" else None


def _refusal(asked: HTTPConnection, path: str) -> Response:
    """The login for a page; a sentence for what no person looks at."""
    claims = claims_of(asked.cookies, hours=access_settings().session_hours)
    if claims is not None:
        return turned_away(prefix(), str(claims.get("email") or claims.get("sub") or "somebody"))
    if path.startswith(_NO_PAGES):
        return PlainTextResponse("Log in first.", status_code=401, headers={"Cache-Control": "no-store"})
    page = login_page(prefix(), providers())
    is_navigation = "text/html" in asked.headers.get("accept", "")  # an icon's address is nowhere to come back to
    return _remember(page, asked.url) if is_navigation else page


def _to_provider(asked: HTTPConnection) -> Response:
    """On to Streamlit's login; its token lives two minutes, so it is made when somebody clicks, not with the page."""
    wanted = asked.query_params.get("provider", "default")
    if wanted not in providers():
        return RedirectResponse(f"{prefix()}/", status_code=303)
    token = encode_provider_token(wanted)
    return RedirectResponse(f"{prefix()}/auth/login?provider={quote(token, safe='')}", status_code=303)


def _remember(answer: Response, url: URL) -> Response:
    """Keep the address of whoever has to log in first."""
    address = f"{url.path}?{url.query}" if url.query else url.path
    plain_start = below_prefix(url.path) == "/" and not url.query
    if not plain_start and local_address(address) and len(quote(address, safe="")) <= _LONGEST:
        answer.set_cookie(
            RETURN,
            quote(address, safe=""),
            max_age=_RETURN_SECONDS,
            path=prefix() or "/",
            httponly=True,
            samesite="lax",
        )
    return answer


def _back(asked: HTTPConnection, name: str) -> Response | None:
    """After the login Streamlit lands on "/": go on to the address that was asked for first."""
    kept = asked.cookies.get(RETURN)
    if kept is None:
        return None
    audit.record("logged in", by=name)
    address = local_address(unquote(kept))
    answer = RedirectResponse(address or f"{prefix()}/", status_code=303)
    answer.delete_cookie(RETURN, path=prefix() or "/")
    return answer
