"""A real server and a real Chromium.

Without Chromium the tests skip and say so; where CI is set (``true`` or ``1``) they fail instead, since there none may
be skipped. Pictures of what the tests saw lie in ``tests/browser/screenshots``.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, sync_playwright

from tests.app.checklists import faulty, healthy, write_clusters, write_findings
from tests.app.whole_checklist import whole, write_proofs
from tests.exploring import make_explored_run, plant_pool
from tests.planting import make_run

PROJECT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"
MARKUP_NAMES = [f"plant <b>{number}</b> *x* [y](http://z)" for number in range(10)]
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
_IDLE = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if _program() is None:
        reason = f"no Chromium here (looked for {', '.join(_CHROMIUM)}; or set CHROMIUM to its path)"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


def _program() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _CHROMIUM)), None)


def launch(browsers: BrowserType, *more: str) -> Browser:
    """Start a Chromium, with further arguments."""
    return browsers.launch(executable_path=_program(), args=[*_ARGUMENTS, *more])


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Planted runs: ``faulty``, ``whole`` with names full of markup, ``healthy``; ``full``, ``nosplit`` to explore."""
    root = tmp_path_factory.mktemp("runs")
    make_run(root / "faulty", permute=0.6, new_bias=3.0, flip=0.04, hidden_group=0.1, class_names=MARKUP_NAMES)
    write_findings(root / "faulty", faulty())
    write_clusters(root / "faulty")
    make_run(root / "whole", permute=0.6, new_bias=3.0, class_names=MARKUP_NAMES)
    write_findings(root / "whole", whole())
    write_proofs(root / "whole")
    make_run(root / "healthy")
    write_findings(root / "healthy", healthy())
    make_explored_run(root / "full", copies=True, hierarchy=True)
    plant_pool(root / "full")
    make_explored_run(root / "nosplit", old=None, clusters=False, projection=False)
    return root


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(
    runs_root: Path,
    log: Path,
    *,
    port: int | None = None,
    environment: dict[str, str] | None = None,
    health: str = "/api/health",
) -> tuple[subprocess.Popen[bytes], str]:
    """Start ``streamlit run app/main.py`` on a free port; returns the process and its address."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)]
    variables = {**os.environ, "FAULTLINE_RUNS": str(runs_root), "OMP_NUM_THREADS": "1", **(environment or {})}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=PROJECT, env=variables, stdout=output, stderr=subprocess.STDOUT)
    address = f"http://localhost:{port}"
    for _ in range(300):
        if process.poll() is not None:
            pytest.fail(f"the server ended at once:\n{log.read_text('utf-8', errors='replace')}")
        try:
            with urllib.request.urlopen(f"{address}{health}", timeout=1):
                return process, address
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    process.kill()
    pytest.fail(f"the server never answered:\n{log.read_text('utf-8', errors='replace')}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and wait for it."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def server(chromium: Browser, runs_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app on the planted runs; one server for all tests."""
    process, address = serve(runs_folder, tmp_path_factory.mktemp("server") / "log")
    yield address
    stop(process)


class Tab:
    """One browser tab on the app."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def open(self, path: str) -> "Tab":
        """Open an address below the server's and wait for the page."""
        self.page.goto(self.address + path)
        return self.settle()

    def settle(self) -> "Tab":
        """Wait until the script has run and the connection stands; after a click first wait for what it changes."""
        self.page.wait_for_timeout(250)
        self.page.wait_for_selector(_IDLE, timeout=30_000)
        return self

    def see(self, text: str) -> "Tab":
        """Wait until a text is there."""
        self.page.get_by_text(text).first.wait_for(state="visible", timeout=30_000)
        return self

    def picture(self, name: str) -> None:
        """Keep a picture of what the tab shows."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.wait_for_timeout(600)  # charts fade in
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def crashed(self) -> bool:
        """Whether the page shows a failure of our own, or Streamlit's traceback."""
        return bool(self.page.locator(".st-key-crashed, [data-testid=stException]").count())


@pytest.fixture
def tab(chromium: Browser, server: str) -> Iterator[Callable[..., Tab]]:
    """Make tabs: ``tab(width=1440, height=1000, scheme="light")``; each has its own session and cookies."""
    contexts: list[BrowserContext] = []

    def make(
        *, width: int = 1440, height: int = 1000, scheme: str = "light", address: str = server, touch: bool = False
    ) -> Tab:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            has_touch=touch,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        return Tab(context.new_page(), address)

    yield make
    for context in contexts:
        context.close()


def wait_for(address: str) -> None:
    """Wait until something answers."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"{address} never answered")


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    """Address of an OpenID Connect provider, a process of its own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.openid_provider", str(port)], cwd=PROJECT)
    wait_for(f"http://localhost:{port}/.well-known/openid-configuration")
    yield f"http://localhost:{port}"
    stop(process)


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests ask for on this machine goes through none."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", os.environ.get("NO_PROXY", "") or "localhost")
