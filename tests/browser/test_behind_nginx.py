"""Behind nginx as the sharing guide sets it up: below a prefix, with a login, with long addresses."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import PROJECT, free_port, serve, stop, wait_for
from tests.browser.logins import WAIT, log_in, write_secrets

pytestmark = pytest.mark.usefixtures("no_proxy")
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _guide(app: int) -> str:
    """The block of docs/sharing.md, with this server's port in place of 8501."""
    block = re.search(r"```nginx\n(.*?)```", (PROJECT / "docs/sharing.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    assert "127.0.0.1:8501" in block[1]
    return block[1].replace("8501", str(app))


def _configuration(folder: Path, port: int, app: int) -> Path:
    temporary = "".join(f"  {name}_temp_path {folder}/{name};\n" for name in _TEMPORARY)
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/errors;\nevents {{}}\n"
        f"http {{\n  access_log off;\n{temporary}  server {{\n    listen 127.0.0.1:{port};\n{_guide(app)}  }}\n}}\n",
        "utf-8",
    )
    return path


@pytest.fixture(scope="module")
def proxied(
    chromium: Browser, runs_folder: Path, provider: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of the app behind nginx."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail("no nginx here")
        pytest.skip("no nginx here")
    folder, port, app = tmp_path_factory.mktemp("proxied"), free_port(), free_port()
    address = f"http://localhost:{port}/faultline"
    write_secrets(folder / ".streamlit", address, provider)
    options = {
        "STREAMLIT_SERVER_BASE_URL_PATH": "faultline",
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        "STREAMLIT_SECRETS_FILES": str(folder / ".streamlit/secrets.toml"),
    }
    server, _ = serve(runs_folder, folder / "log", port=app, environment=options, health="/faultline/healthz")
    nginx = subprocess.Popen([program, "-c", str(_configuration(folder, port, app)), "-p", str(folder)])
    wait_for(f"{address}/healthz")
    yield address
    stop(nginx)
    stop(server)


@pytest.fixture
def browser(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    yield context
    context.close()


def test_a_link_opens_after_the_login_with_its_pictures(proxied: str, browser: BrowserContext) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    tried = "/examples/_stcore/"  # where Streamlit looks for its server first
    page.goto(f"{proxied}/examples?run=full&ex_outcome=Wrong")
    log_in(page, "editor")
    page.wait_for_url("**/faultline/examples?**", timeout=WAIT)
    page.locator(".tile img").first.wait_for(state="visible", timeout=WAIT)
    assert (
        page.locator(".tile img").first.evaluate("(picture) => picture.decode().then(() => picture.naturalWidth)") > 0
    )
    page.get_by_test_id("stTopNavLink").filter(has_text="Clusters").click()
    page.locator(".st-key-clu_map canvas").first.wait_for(state="visible", timeout=WAIT)
    page.wait_for_url("**/faultline/clusters?**", timeout=WAIT)
    page.locator(".st-key-copy_link button").click()
    page.locator(".st-key-copy_link").get_by_text("copied").wait_for(timeout=WAIT)
    link = str(page.evaluate("navigator.clipboard.readText()"))
    assert link.startswith(f"{proxied}/clusters?")
    assert [url for url in refused if tried not in url] == []


def test_a_long_filter_survives_a_reload(proxied: str, browser: BrowserContext) -> None:
    page = browser.new_page()
    numbers = ", ".join(str(number) for number in range(10, 2_000))[:7_900].rpartition(",")[0]
    query = urlencode({"run": "full", "where": f"width in ({numbers})"})
    assert len(query) > 10_000
    page.goto(f"{proxied}/?run=full")
    log_in(page, "viewer")
    page.wait_for_url("**/faultline/?**", timeout=WAIT)
    for _ in range(2):
        answer = page.goto(f"{proxied}/examples?{query}")
        assert answer is not None
        assert answer.status == 200
        expect(page.get_by_text("samples pass").first).to_be_visible(timeout=WAIT)


def test_who_has_no_login_gets_nothing(proxied: str) -> None:
    for path in ("/api/runs/full/thumbnails/1", "/api/runs/full/map/points", "/api/runs/full/export/samples"):
        assert httpx.get(f"{proxied}{path}").status_code == 401
