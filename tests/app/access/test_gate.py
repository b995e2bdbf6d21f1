"""The gate: nothing without a login, back to the link after it, and no way to another site."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.access import audit
from app.access.gate import RETURN, Gate

Cookie = Callable[..., dict[str, str]]
PAGE = {"accept": "text/html,*/*"}


def _inside(request: Request) -> PlainTextResponse:
    return PlainTextResponse("inside")


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture
def client(sections: dict[str, Any], runs_folder: Path) -> TestClient:
    routes = [WebSocketRoute("/_stcore/stream", _talk), Route("/{path:path}", _inside)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Gate)]), follow_redirects=False)


def test_without_login_configured_everything_passes() -> None:
    client = TestClient(Starlette(routes=[Route("/x", _inside)], middleware=[Middleware(Gate)]))
    assert client.get("/x").text == "inside"


def test_a_page_is_the_login_and_remembers_where_to(client: TestClient) -> None:
    answer = client.get("/examples?run=a&ex_outcome=Wrong", headers=PAGE)
    assert "Log in to see this page." in answer.text
    assert answer.cookies[RETURN].strip('"') == quote("/examples?run=a&ex_outcome=Wrong", safe="")
    assert "HttpOnly" in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/api/runs/a/csv/samples", "/_stcore/metrics", "/media/x", "/static/a.js"])
def test_what_is_no_page_is_refused(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=PAGE)
    assert (answer.status_code, answer.text) == (401, "Log in first.")


@pytest.mark.parametrize("path", ["/healthz", "/_stcore/health", "/oauth2callback", "/auth/login", "/auth/logout"])
def test_the_way_in_is_open(client: TestClient, path: str) -> None:
    assert client.get(path).text == "inside"


def test_a_login_comes_back_to_its_link_once(client: TestClient, cookie: Cookie) -> None:
    client.cookies.update(cookie(email="viewer@example.org"))
    client.cookies.set(RETURN, quote("/examples?run=a", safe=""))
    answer = client.get("/", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/examples?run=a")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert next(audit.lines())["by"] == "viewer@example.org"
    client.cookies.delete(RETURN)
    assert client.get("/", headers=PAGE).text == "inside"


@pytest.mark.parametrize("evil", ["//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nSet-Cookie: x=y"])
def test_a_forged_way_back_leads_home(client: TestClient, cookie: Cookie, evil: str) -> None:
    client.cookies.update(cookie(email="viewer@example.org"))
    client.cookies.set(RETURN, quote(evil, safe=""))
    assert client.get("/").headers["location"] == "/"


def test_a_stranger_is_turned_away_by_name_as_text(client: TestClient, cookie: Cookie) -> None:
    client.cookies.update(cookie(email="<b>x</b>@example.org"))
    answer = client.get("/examples", headers=PAGE)
    assert answer.status_code == 403
    assert "&lt;b&gt;x" in answer.text


def test_settings_that_mean_nothing_let_nobody_in(client: TestClient, cookie: Cookie, sections: dict[str, Any]) -> None:
    client.cookies.update(cookie(email="admin@example.org"))
    sections["faultline"]["everyone_else"] = "king"
    answer = client.get("/examples", headers=PAGE)
    assert answer.status_code == 503
    assert "everyone_else" in answer.text


def test_a_websocket_takes_a_login(client: TestClient, cookie: Cookie) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass
    client.cookies.update(cookie(email="viewer@example.org"))
    with client.websocket_connect("/_stcore/stream"):
        pass


def test_only_known_providers_lead_to_the_login(client: TestClient) -> None:
    assert client.get("/login?provider=default").headers["location"].startswith("/auth/login?provider=ey")
    assert client.get("/login?provider=https://evil.example").headers["location"] == "/"
