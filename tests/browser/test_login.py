"""A server behind a real OpenID Connect login: links survive it, roles hold, nothing is seen without it."""

import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PROJECT, free_port, serve, stop
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET

WAIT = 30_000


def _secrets_file(folder: Path, app: str, provider: str) -> None:
    folder.mkdir(parents=True)
    (folder / "secrets.toml").write_text(
        f"""
[auth]
redirect_uri = "{app}/oauth2callback"
cookie_secret = "{secrets.token_hex(32)}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{provider}/.well-known/openid-configuration"

[faultline]
admins = ["admin@example.org"]
editors = ["vision-team"]
viewers = ["viewer@example.org"]
role_claim = "groups"
everyone_else = "none"
""",
        "utf-8",
    )


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"{address} never answered")


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Address of the provider, a process of its own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.openid_provider", str(port)], cwd=PROJECT)
    _wait_for(f"http://localhost:{port}/.well-known/openid-configuration")
    yield f"http://localhost:{port}"
    stop(process)


@pytest.fixture(scope="module")
def guarded(
    chromium: Browser, runs_folder: Path, provider: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of the app behind the login, under a path prefix as behind a proxy."""
    folder, port = tmp_path_factory.mktemp("guarded"), free_port()
    address = f"http://localhost:{port}/fault"
    _secrets_file(folder / ".streamlit", address, provider)
    options = {
        "STREAMLIT_SERVER_BASE_URL_PATH": "fault",
        "STREAMLIT_SECRETS_FILES": str(folder / ".streamlit/secrets.toml"),
    }
    process, _ = serve(runs_folder, folder / "log", port=port, environment=options, health="/fault/healthz")
    yield address
    stop(process)


@pytest.fixture
def browser(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


def _log_in(page: Page, account: str) -> None:
    page.get_by_role("link", name="Log in").click()
    page.get_by_role("link", name=account).click()


def test_a_link_survives_the_login_and_the_role_is_shown(guarded: str, browser: BrowserContext) -> None:
    page = browser.new_page()
    page.goto(f"{guarded}/examples?run=full&ex_outcome=Wrong")
    expect(page.get_by_text("Log in to see this page.")).to_be_visible(timeout=WAIT)
    _log_in(page, "editor")
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
    _log_in(page, "viewer")
    page.wait_for_url("**/fault/runs?**", timeout=WAIT)
    expect(page.get_by_text("takes the role editor")).to_be_visible(timeout=WAIT)
    expect(page.locator(".st-key-new_title")).to_have_count(0)


def test_a_stranger_is_turned_away(guarded: str, browser: BrowserContext) -> None:
    page = browser.new_page()
    page.goto(f"{guarded}/?run=full")
    _log_in(page, "stranger")
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


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", os.environ.get("NO_PROXY", "") or "localhost")
