"""Copies side by side, from a picture to all about it, and back to the same filters."""

from collections.abc import Callable

from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]


def test_a_picture_opens_its_sample_with_the_filters_kept(tab: Tabs) -> None:
    page = tab().open("/duplicates?run=full&dup_labels=Different+labels")
    page.see("labels differ")
    page.page.wait_for_function("[...document.images].every(image => image.naturalWidth > 0)")
    page.page.locator("a img").first.click()
    page.page.wait_for_url("**dup_labels=Different**sample=*")
    page.page.get_by_role("dialog").wait_for(timeout=30_000)
    page.picture("duplicate-sample")
    assert not page.crashed()


def test_leaks_show_both_pictures(tab: Tabs) -> None:
    for width, scheme in ((1440, "light"), (900, "dark")):
        page = tab(width=width, scheme=scheme).open("/duplicates?run=full&dup_where=Also+in+training&dup_kind=Exact")
        page.see("in the training set")
        page.page.wait_for_function("[...document.images].every(image => image.naturalWidth > 0)")
        page.picture(f"leaks-{scheme}-{width}")
        assert page.page.evaluate("document.images.length") == 2
