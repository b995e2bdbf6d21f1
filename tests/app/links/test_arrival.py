"""Arriving with an address: marks that fit and versions leave it, and what does not fit stays."""

import shutil
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from analysis.runs.mark import RunMark
from app.links.arrival import Arrival
from app.links.preview import Previews
from app.queries import runs
from app.queries.run_list import list_runs
from tests.app.pages import open_page, words
from tests.planting import make_run

HEAD = "<html><head><title>x</title></head><body></body></html>"


def _page(request: Request) -> Response:
    return HTMLResponse(HEAD, headers={"ETag": "x"})


@pytest.fixture
def client(shell_root: Path) -> TestClient:
    routes = [Route("/", _page), Route("/api/x", _page), Route("/{page}", _page)]
    app = Starlette(routes=routes, middleware=[Middleware(Arrival), Middleware(Previews)])
    return TestClient(app, follow_redirects=False)


def _mark(run: str) -> str:
    return str(next(entry.mark for entry in list_runs() if entry.id == run))


def test_a_mark_that_fits_leaves_the_address(client: TestClient) -> None:
    answer = client.get("/classes", params={"run": "faulty", "cls": "<b>&=", "v": "1", "rid": _mark("faulty")})
    assert answer.status_code == 302
    assert answer.headers["location"] == "/classes?run=faulty&cls=%3Cb%3E%26%3D"
    assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("run", ["healthy", "vanished", "../../etc"])
def test_a_mark_that_fits_no_run_stays_for_the_page_to_tell(client: TestClient, run: str) -> None:
    answer = client.get("/classes", params={"run": run, "rid": str(RunMark("0" * 16, ("none",) * 4))})
    assert answer.status_code == 200


@pytest.mark.parametrize("rid", ["", "<script>alert(1)</script>", "x" * 5000])
def test_what_is_no_mark_leaves_the_address(client: TestClient, rid: str) -> None:
    assert client.get("/", params={"run": "faulty", "rid": rid}).headers["location"] == "/?run=faulty"


def test_a_link_of_a_later_version_arrives_as_it_is(client: TestClient) -> None:
    assert client.get("/classes", params={"run": "faulty", "v": "99"}).status_code == 200
    text = words(open_page("classes", run="faulty", v="99"))
    assert "later version of Faultline" in text


@pytest.mark.parametrize("path", ["/api/x?v=1", "/logits", "/?" + "&".join(f"a{n}=1" for n in range(2000)) + "&v=1"])
def test_what_is_no_link_passes(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_a_preview_has_title_and_verdict_and_no_picture(client: TestClient) -> None:
    answer = client.get("/?run=faulty", headers={"If-None-Match": "x"})
    assert '<meta property="og:title" content="A planted run · Faultline">' in answer.text
    assert '<meta property="og:description" content="Main cause: Class indices are scrambled. ' in answer.text
    assert "og:image" not in answer.text
    assert answer.text.index("og:title") < answer.text.index("</head>")
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers
    assert client.head("/?run=faulty").status_code == 200


def test_a_preview_of_a_finding_tells_that_finding(client: TestClient) -> None:
    text = client.get("/checklist?run=faulty&finding=index_map_scrambled").text
    assert 'content="Class indices are scrambled: supported. ' in text


@pytest.mark.parametrize("query", ["", "run=nothing", "run=" + "%22%3E%3Cscript%3E", "run=..%2F.."])
def test_without_a_run_a_preview_is_the_apps_name(client: TestClient, query: str) -> None:
    text = client.get(f"/?{query}").text
    assert '<meta property="og:title" content="Faultline">' in text
    assert "og:description" not in text
    assert "<script>" not in text


def test_a_title_full_of_markup_is_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: TestClient) -> None:
    from app.queries import catalog

    make_run(tmp_path / "ours", per_class=10, thumbnails=False)
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    catalog.rename("ours", '"><script>alert(1)</script>')
    text = client.get("/?run=ours").text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    make_run(tmp_path / "ours", per_class=10, thumbnails=False)
    return tmp_path


def test_a_run_that_moved_is_found_by_its_content_and_the_page_says_so(client: TestClient, moving: Path) -> None:
    mark = _mark("ours")
    (moving / "ours").rename(moving / "theirs")
    asked = {"cls": "5", "run": "ours", "rid": mark, "v": "1"}
    answer = client.get("/classes", params=asked)
    assert answer.headers["location"] == "/classes?run=theirs&cls=5&moved=ours"
    assert client.get(answer.headers["location"]).status_code == 200
    text = words(open_page("classes", run="theirs", cls=5, moved="ours"))
    assert "The link calls this run “ours”; here it is called “theirs”" in text
    make_run(moving / "ours", per_class=10, thumbnails=False, seed=5)  # another one takes the name
    assert client.get("/classes", params=asked).headers["location"] == "/classes?run=theirs&cls=5&moved=ours"


def test_another_run_under_the_same_name_says_what_differs_and_can_be_looked_at(moving: Path) -> None:
    mark = _mark("ours")
    shutil.rmtree(moving / "ours")
    make_run(moving / "ours", per_class=10, thumbnails=False, seed=5)
    app = open_page("classes", run="ours", rid=mark)
    text = words(app)
    assert "“ours” is not the run that this link means" in text
    assert "another checkpoint" in text
    assert "another validation set" in text
    assert "another class list" not in text
    app.button(key="lost_another").click().run()
    assert "Classes" in [title.value for title in app.title]


def test_a_run_that_is_gone_says_so_and_what_is_kept(moving: Path) -> None:
    from app.queries import catalog, investigations

    mark = _mark("ours")
    investigations.put(runs.run_key("ours"), "note", "class:1", {"text": "x"}, expected=0)
    (row,) = catalog.shown(list_runs(), [])
    make_run(moving / "other", per_class=10, thumbnails=False, seed=5)
    catalog.delete(row)
    text = words(open_page("classes", run="ours", rid=mark))
    assert "The run “ours” is gone" in text
    assert "deleted it " in text
    assert "What people added to it is kept" in text
    shutil.rmtree(moving / ".faultline" / "trash")
    assert "No run here has the same content" in words(open_page("classes", run="ours", rid=mark))
