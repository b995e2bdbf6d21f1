"""The gallery and its drawer with mouse and keyboard, and the link they leave."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]


def _opened(tab: Tab) -> None:
    tab.page.get_by_role("dialog").wait_for(state="visible", timeout=30_000)
    tab.see(
        "Where it comes from"
    )  # the last thing in it; the note in it asks for news, so the page is never quite idle


def test_a_click_opens_the_drawer_and_the_link_opens_it_again(tab: Tabs) -> None:
    first = tab().open("/examples?run=full&ex_outcome=Wrong")
    first.page.locator(".tile").first.click()
    _opened(first)
    first.page.wait_for_url("**sample=*")
    first.see("Largest logits").see("Nearest in embedding space")
    first.picture("examples-drawer")
    again = tab()
    again.page.goto(first.page.url)
    _opened(again)
    assert "ex_outcome=Wrong" in again.page.url
    assert not again.crashed()


def test_closing_the_drawer_takes_the_sample_out_of_the_link(tab: Tabs) -> None:
    page = tab().open("/examples?run=full&sample=5")
    _opened(page)
    page.page.keyboard.press("Escape")
    page.page.get_by_role("dialog").wait_for(state="detached", timeout=30_000)
    page.page.wait_for_url(lambda url: "sample=" not in url)


def test_arrow_keys_and_enter(tab: Tabs) -> None:
    page = tab().open("/examples?run=full")
    tiles = page.page.locator(".tile")
    tiles.first.wait_for(state="visible", timeout=30_000)
    third = tiles.nth(2).get_attribute("data-sample")
    tiles.first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "Enter"):
        page.page.keyboard.press(key)
    _opened(page)
    page.page.wait_for_url(f"**sample={third}*")
    expect(page.page.locator(".st-key-drawer_next button")).to_be_enabled(timeout=30_000)
    page.page.keyboard.press("ArrowRight")
    fourth = tiles.nth(3).get_attribute("data-sample")
    page.page.wait_for_url(f"**sample={fourth}*")


def test_a_filter_stands_in_the_link(tab: Tabs) -> None:
    page = tab().open("/examples?run=full")
    page.page.locator(".st-key-ex_label input").fill("class 004")
    page.page.keyboard.press("Enter")
    page.page.wait_for_url("**ex_label=class*")
    page.page.get_by_text("60 samples").wait_for(timeout=30_000)


def test_names_run_nothing_and_fetch_nothing(tab: Tabs) -> None:
    page = tab(width=900, scheme="dark")
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    page.page.on("dialog", lambda dialog: asked.append(f"alert {dialog.message}"))
    for path in (
        "/examples?run=full&ex_label=%232",
        "/classes?run=full&cls=2",
        "/clusters?run=full",
        "/logits?run=full",
    ):
        page.open(path)
        page.page.wait_for_timeout(500)
        assert not page.crashed()
    assert not [url for url in asked if "example.invalid" in url or url.startswith("alert")]
    page.picture("logits-dark-900")
