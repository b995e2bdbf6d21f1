"""Short links over HTTP: made, opened, refused, guessed at."""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.links.preview import Previews
from app.links.routes import LINK_ROUTES
from app.queries import catalog
from app.queries.run_list import list_runs
from tests.planting import make_run


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    make_run(tmp_path / "ours", per_class=10, thumbnails=False)
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    routes = [*LINK_ROUTES, Route("/{page}", lambda request: HTMLResponse("<html><head></head></html>"))]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Previews)]), follow_redirects=False)


def _make(client: TestClient, address: str) -> str:
    answer = client.post("/api/links", json={"address": address})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["address"])


@pytest.mark.parametrize(
    "address",
    [
        "/classes?run=ours&cls=3&cls_text=a%20b",
        "/?run=ours",
        "/clusters?run=ours&area=1,2,3&ids=1&ids=2",
        "/examples?run=ours&where=label+%3D+%22%3Cscript%3Ealert(1)%3C%2Fscript%3E%22",
        "/examples?run=ours&ids=" + "7," * 3000,  # 6,000 characters: every proxy passes that on
    ],
)
def test_a_short_link_leads_to_the_view(client: TestClient, address: str) -> None:
    made = _make(client, address)
    assert _make(client, address) == made
    answer = client.get(made)
    assert answer.status_code == 302
    assert "no-store" in answer.headers["cache-control"]
    again = _make(client, answer.headers["location"])
    assert again == made
    assert answer.headers["location"].startswith(address.split("?", 1)[0] + "?run=ours")


def test_a_view_too_long_for_a_request_is_put_into_the_browser_by_the_page(client: TestClient) -> None:
    where = 'filepath contains "</script><b>&' + "x" * 300_000 + '"'
    made = _make(client, f"/clusters?{urlencode({'run': 'ours', 'where': where, 'cluster': 3})}")
    answer = client.get(made)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/clusters?run=ours&short={made.removeprefix('/s/')}"
    head = client.get(answer.headers["location"]).text
    found = re.search(r'<script>history.replaceState\(history.state, "", (".*?")\)</script></head>', head)
    assert found is not None
    path, _, query = json.loads(found[1]).partition("?")
    assert path == "/clusters"
    assert dict(parse_qsl(query)) == {"run": "ours", "where": where, "cluster": "3"}


@pytest.mark.parametrize("number", ["A" * 22, "x", "<script>", "../../etc"])
def test_a_long_view_that_is_not_there_puts_nothing_into_the_page(client: TestClient, number: str) -> None:
    assert "replaceState" not in client.get("/clusters", params={"run": "ours", "short": number}).text


def test_a_view_that_no_link_holds_is_refused_with_its_length(client: TestClient) -> None:
    answer = client.post("/api/links", json={"address": "/examples?run=ours&where=" + "y" * 450_000})
    assert answer.status_code == 400
    assert "450,0" in answer.json()["error"]
    assert "400,000" in answer.json()["error"]


def test_a_short_link_finds_its_run_under_another_name_or_says_what_it_meant(
    client: TestClient, tmp_path: Path
) -> None:
    mark = str(list_runs()[0].mark)
    made = _make(client, "/classes?run=ours&v=1&rid=whatever")
    (tmp_path / "ours").rename(tmp_path / "theirs")
    assert client.get(made).headers["location"] == "/classes?run=theirs&moved=ours"
    shutil.rmtree(tmp_path / "theirs")
    assert client.get(made).headers["location"] == f"/classes?run=ours&rid={mark}"


@pytest.mark.parametrize(
    "address", ["https://evil.example/classes?run=a", "//evil.example/x", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_short_link_leads_nowhere_else(client: TestClient, address: str) -> None:
    answer = client.post("/api/links", json={"address": address})
    if answer.status_code == 200:
        assert client.get(answer.json()["address"]).headers["location"] in ("/classes?run=a", "/x")
    else:
        assert answer.status_code == 400


@pytest.mark.parametrize("number", ["A" * 22, "x", "..%2F..%2Fetc", "%00", "'%20OR%201=1"])
def test_guessing_finds_a_readable_404(client: TestClient, number: str) -> None:
    _make(client, "/?run=ours")
    answer = client.get(f"/s/{number}")
    assert answer.status_code == 404
    if "<html" in answer.text:
        assert "There is no such short link" in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"[]", 400), (b'{"address": 3}', 400), (b'{"address": null}', 400), (b"[" * 100_000, 400),
        (b'{"address": "/a?x=' + b"y" * 500_000 + b'"}', 400), (b'{"address": "' + b"y" * 1_100_000 + b'"}', 413),
        (b'{"address": "http://[::1"}', 400), (b"\xff\xfe", 400),
    ],
)  # fmt: skip
def test_what_is_no_view_is_refused_with_a_sentence(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/api/links", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["error"]


def test_another_site_cannot_make_links(client: TestClient) -> None:
    answer = client.post("/api/links", content=b'{"address": "/"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_deleting_a_run_says_how_many_short_links_lead_to_it(client: TestClient) -> None:
    assert catalog.referrers("ours") == []
    _make(client, "/?run=ours")
    _make(client, "/classes?run=ours")
    assert catalog.referrers("ours") == ["2 short links to it will say that it is gone, until it comes back."]
