"""A cluster is split and put together again; a slice is opened, linked to and saved."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]


def test_a_split_changes_the_numbers_and_is_taken_back(tab: Tabs) -> None:
    page = tab().open("/clusters?run=full&cluster=0")
    metrics = page.page.locator(".st-key-clu_card [data-testid=stMetric]")
    size = metrics.filter(has_text="Size").locator("[data-testid=stMetricValue]")
    size.wait_for(timeout=30_000)
    before = size.inner_text()
    page.page.get_by_role("button", name="Split in two").click()
    page.page.get_by_text("edited by people").wait_for(timeout=30_000)
    expect(size).not_to_have_text(before, timeout=30_000)
    assert int(size.inner_text()) < int(before)
    again = tab()
    again.page.goto(page.page.url)
    again.page.get_by_text("edited by people").wait_for(timeout=30_000)
    page.page.get_by_role("button", name="Undo: split in two").click()
    page.page.get_by_text("edited by people").wait_for(state="detached", timeout=30_000)
    expect(size).to_have_text(before, timeout=30_000)
    again.page.get_by_text("edited by people").wait_for(state="detached", timeout=30_000)  # without a click
    page.picture("clusters-edited")


def test_the_current_filter_is_judged_and_saved_as_a_slice(tab: Tabs) -> None:
    page = tab(scheme="dark").open('/slices?run=full&where=camera%20%3D%20"phone"')
    page.page.get_by_role("button", name="Judge the current filter as a slice").click()
    page.page.wait_for_url("**slice=**")
    page.see("the same classes elsewhere would have")
    again = tab()
    again.page.goto(page.page.url)
    again.see("the same classes elsewhere would have")
    page.page.locator(".st-key-sli_card").get_by_role("button", name="Save by name").click()
    page.page.get_by_role("textbox", name="Name").last.fill("phones")
    page.page.get_by_role("button", name="Save", exact=True).last.click()
    page.page.get_by_role("button", name="Forget “phones”").wait_for(timeout=30_000)
    page.picture("slices-dark")


def test_a_bar_of_the_ranking_opens_its_cluster(tab: Tabs) -> None:
    page = tab().open("/clusters?run=full")
    bars = page.page.locator(".bars .bar")
    bars.first.wait_for(timeout=30_000)
    assert bars.count() >= 1
    number = bars.first.locator(".name").inner_text().split(":")[0]
    assert float(bars.first.locator(".value").inner_text().replace(",", "")) > 0
    bars.first.press("Enter")
    page.page.wait_for_url(f"**cluster={number}*")
    page.page.locator(".bars .bar[aria-current]").wait_for(timeout=30_000)
    assert not page.page.locator(".js-plotly-plot").count()
