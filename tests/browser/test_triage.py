"""Triage by keyboard: in the gallery, on several at once, in the drawer; undone, counted, and held against findings."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Tab, serve, stop
from tests.exploring import make_explored_run

Tabs = Callable[..., Tab]
FLAGGED = "/examples?run=tagged&finding=label_errors"


@pytest.fixture(scope="module")
def tagging_server(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own: what is tagged here must not show in other tests."""
    root: Path = tmp_path_factory.mktemp("tagging")
    make_explored_run(root / "tagged")
    process, address = serve(root, tmp_path_factory.mktemp("server") / "log")
    yield address
    stop(process)


def _gallery(tab: Tab) -> Locator:
    tiles = tab.page.locator(".st-key-ex_gallery .tile")
    tiles.first.wait_for(timeout=30_000)
    tab.settle()
    return tiles


def _sees(tab: Tab, said: str) -> None:
    expect(tab.page.locator(".st-key-triage_counts")).to_contain_text(said, timeout=30_000)


def test_keys_tag_count_and_undo(tab: Tabs, tagging_server: str) -> None:
    page = tab(address=tagging_server).open(FLAGGED)
    tiles = _gallery(page)
    tiles.first.focus()
    for key in ("1", "1", "3", "1"):
        page.page.keyboard.press(key)
    _sees(page, "Of 4 looked at: 75 %")
    expect(tiles.nth(2).locator(".tag")).to_have_text("model error")
    expect(tiles.nth(4)).to_be_focused()
    page.page.keyboard.press("u")
    _sees(page, "Of 3 looked at: 67 %")
    expect(tiles.nth(3).locator(".tag")).to_have_count(0)

    page.page.keyboard.press("Space")
    page.page.keyboard.press("Shift+ArrowRight")
    page.page.keyboard.press("5")
    expect(tiles.nth(5).locator(".tag")).to_have_text("duplicate", timeout=30_000)
    _sees(page, "Of 5 looked at")
    page.picture("triage")
    page.page.keyboard.press("u")
    _sees(page, "Of 3 looked at")

    fresh = tab(address=tagging_server).open("/checklist?run=tagged&finding=label_errors")
    fresh.see("flagged that people looked at").see("67 %")


def test_keys_in_the_drawer_go_on_to_the_next(tab: Tabs, tagging_server: str) -> None:
    page = tab(address=tagging_server, width=900, scheme="dark").open("/examples?run=tagged&cls=5")
    tiles = _gallery(page)
    first, second = (str(tiles.nth(at).get_attribute("data-sample")) for at in (0, 1))
    tiles.first.focus()
    page.page.keyboard.press("Enter")
    page.page.get_by_role("dialog").wait_for(state="visible", timeout=30_000)
    expect(page.page.locator(".st-key-drawer_tag_2 button")).to_be_enabled(timeout=30_000)
    page.page.wait_for_url(f"**sample={first}*")
    page.see("Where it comes from")
    page.page.keyboard.press("2")
    page.page.wait_for_url(f"**sample={second}*")
    page.picture("triage-drawer-dark-900")
    page.page.keyboard.press("Escape")
    page.page.get_by_role("dialog").wait_for(state="detached", timeout=30_000)
    expect(tiles.first.locator(".tag")).to_have_text("bad picture", timeout=30_000)
    _sees(page, "Of 1 looked at")

    only = tab(address=tagging_server).open('/examples?run=tagged&where=triage+%3D+"bad+picture"')
    expect(_gallery(only)).to_have_count(1)
    with only.page.expect_download() as download:
        only.page.get_by_role("link", name="Triage as CSV").click()
    lines = Path(download.value.path()).read_text("utf-8").splitlines()
    assert lines[0].replace('"', "") == "sample_id,filepath,label,prediction,tag,author,at"
    assert [line.split(",")[0] for line in lines[1:]] == [first]
