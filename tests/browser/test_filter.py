"""The filter box: typed, in the link, from page to page, and restored in a fresh browser."""

from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import expect

from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]
WHERE = 'label = "class 004" and loss > 1'


def _box(tab: Tab):
    return tab.page.locator(".st-key-where input")


def test_a_link_with_an_expression_restores_in_a_fresh_browser(tab: Tabs) -> None:
    first = tab().open("/examples?run=full")
    first.page.locator(".tile").first.wait_for(timeout=30_000)
    first.settle()
    _box(first).fill(WHERE)
    first.page.keyboard.press("Enter")
    first.page.wait_for_url("**where=label*")
    passing = first.page.locator(".st-key-filter_bar").get_by_text("of 720 samples pass")
    passing.wait_for(timeout=30_000)
    shown = passing.text_content()
    fresh = tab().open(first.page.url.removeprefix(first.address))
    expect(_box(fresh)).to_have_value(WHERE, timeout=30_000)
    expect(fresh.page.locator(".st-key-filter_bar").get_by_text(str(shown))).to_be_visible(timeout=30_000)
    fresh.picture("filter")


def test_the_filter_travels_to_the_next_page_and_is_taken_away(tab: Tabs) -> None:
    page = tab().open(f"/examples?run=full&where={quote(WHERE)}").see("of 720 samples pass").settle()
    page.page.get_by_role("link", name="Logits").click()
    page.page.wait_for_url("**/logits?**where=label*")
    page.see("Which logits do the samples get?").settle()
    expect(_box(page)).to_have_value(WHERE, timeout=30_000)
    _box(page).fill("")
    page.page.keyboard.press("Enter")
    page.page.wait_for_url(lambda url: "where=" not in url)


def test_what_is_wrong_stands_under_the_box(tab: Tabs) -> None:
    page = tab(width=900, scheme="dark").open(f"/examples?run=full&where={quote('loss > 2 and camra = 3')}")
    page.see("Did you mean camera?")
    page.picture("filter-wrong-dark-900")
    assert not page.crashed()
