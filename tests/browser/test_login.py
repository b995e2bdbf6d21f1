"""A server behind a real OpenID Connect login: links survive it, roles hold, nothing is seen without it."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import free_port, serve, stop
from tests.browser.logins import WAIT, log_in, write_secrets


@pytest.fixture(scope="module")
def guarded(
    chromium: Browser, runs_folder: Path, provider: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of the app behind the login, under a path prefix as behind a proxy."""
    folder, port = tmp_path_factory.mktemp("guarded"), free_port()
    address = f"http://localhost:{port}/fault"
    write_secrets(folder / ".streamlit", address, provider)
    options = {
        "STREAMLIT_SERVER_BASE_URL_PATH": "fault",
        "STREAMLIT_SECRETS_FILES": str(folder / ".streamlit/secrets.toml"),
    }
    process, _ = serve(runs_folder, folder / "log", port=port, environment=options, health="/fault/healthz")
    yield address
    stop(process)


pytestmark = pytest.mark.usefixtures("no_proxy")


@pytest.fixture
def browser(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


def test_a_link_survives_the_login_and_the_role_is_shown(guarded: str, browser: BrowserContext) -> None:
    page = browser.new_page()
    page.goto(f"{guarded}/examples?run=full&ex_outcome=Wrong")
    expect(page.get_by_text("Log in to see this page.")).to_be_visible(timeout=WAIT)
    log_in(page, "editor")
    page.wait_for_url("**/fault/examples?**", timeout=WAIT)
    page.locator(".tile").first.wait_for(state="visible", timeout=WAIT)
    assert "ex_outcome=Wrong" in page.url
    page.locator(".st-key-account button").first.click()
    expect(page.get_by_text("editor@example.org")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Log in to see this page.")).to_be_visible(timeout=WAIT)


def test_a_viewer_looks_and_cannot_start_anything(guarded: str, browser: BrowserContext) -> None:
    page = browser.new_page()
    page.goto(f"{guarded}/runs?run=full")
    log_in(page, "viewer")
    page.wait_for_url("**/fault/runs?**", timeout=WAIT)
    expect(page.get_by_text("takes the role editor")).to_be_visible(timeout=WAIT)
    expect(page.locator(".st-key-new_title")).to_have_count(0)


def test_a_stranger_is_turned_away(guarded: str, browser: BrowserContext) -> None:
    page = browser.new_page()
    page.goto(f"{guarded}/?run=full")
    log_in(page, "stranger")
    expect(page.get_by_text("nobody has given you access yet")).to_be_visible(timeout=WAIT)


def test_every_route_without_a_cookie_shows_the_login_and_nothing_else(guarded: str) -> None:
    """A crawl over all routes and all addresses a page mentions."""
    from app.health import ROUTES as HEALTH
    from app.links.routes import LINK_ROUTES
    from app.routes import ROUTES

    values = {"run": "full", "sample": "1", "table": "samples", "variant": "x", "by": "Cluster", "id": "x"}
    own = [
        re.sub(r"{(\w+)(:\w+)?}", lambda found: values.get(found[1], "x"), route.path)
        for route in (*HEALTH, *LINK_ROUTES, *ROUTES)
    ]
    pages = ["/", "/checklist?run=full", "/examples?run=full&sample=1", "/nothing", "/media/x", "/_stcore/metrics",
             "/_stcore/host-config", "/static/index.html", "/app/static/x", "/s/0123456789"]  # fmt: skip
    forged = {"_streamlit_user": "eyJpc19sb2dnZWRfaW4iOiB0cnVlfQ.aaaa.bbbb"}
    with httpx.Client(follow_redirects=False) as client:
        for path in (*own, *pages):
            for cookies in ({}, forged):
                client.cookies.clear()
                client.cookies.update(cookies)
                answer = client.get(f"{guarded}{path}")
                if path == "/healthz":
                    assert answer.json()["status"] == "ok"
                    continue
                said = answer.text
                is_login = answer.status_code == 200 and "Log in to see this page." in said and "<script" not in said
                is_refusal = answer.status_code in (401, 403) and len(said) < 100
                assert is_login or is_refusal, f"{path}: {answer.status_code} {said[:200]}"
                assert "class 0" not in said
                assert str(Path.home()) not in said or str(Path.home()) == "/"


def test_nothing_is_written_without_a_cookie(guarded: str) -> None:
    answer = httpx.post(f"{guarded}/api/links", json={"address": "/examples?run=full"})
    assert (answer.status_code, answer.text) == (401, "Log in first.")


def test_the_websocket_is_closed_without_a_cookie(guarded: str) -> None:
    headers = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "streamlit",
    }  # fmt: skip
    assert httpx.get(f"{guarded}/_stcore/stream", headers=headers).status_code == 403


def test_a_foreign_host_name_is_refused(guarded: str) -> None:
    answer = httpx.get(f"{guarded}/", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "FAULTLINE_HOSTS" in answer.text
