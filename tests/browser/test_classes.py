"""The table of classes, its link, and the way from a class to its samples."""

from collections.abc import Callable

from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]


def test_filters_stand_in_the_link(tab: Tabs) -> None:
    page = tab().open("/classes?run=full")
    page.page.locator(".st-key-cls_group").get_by_text("New", exact=True).click()
    page.page.wait_for_url("**cls_group=New*")
    page.see("4 classes")
    page.picture("classes")
    again = tab().open(page.page.url.removeprefix(page.address))
    again.see("4 classes")


def test_a_selected_row_opens_its_class(tab: Tabs) -> None:
    page = tab().open("/classes?run=full")
    table = page.page.get_by_test_id("stDataFrame")
    table.locator("canvas").first.wait_for(state="visible", timeout=30_000)
    page.page.wait_for_timeout(500)  # the canvas is there before it listens
    table.click(position={"x": 15, "y": 52})
    page.page.wait_for_url("**cls=*")
    page.see("Who takes its samples")
    page.picture("class")


def test_from_a_class_to_all_its_samples(tab: Tabs) -> None:
    page = tab().open("/classes?run=full&cls=4")
    page.page.get_by_role("link", name="All 60 samples").click()
    page.page.wait_for_url("**/examples?**ex_label=%234*")
    page.page.locator(".tile").first.wait_for(timeout=30_000)
    assert not page.crashed()


def test_confusions_at_two_widths(tab: Tabs) -> None:
    for width, scheme in ((1440, "light"), (900, "dark")):
        page = tab(width=width, height=1600, scheme=scheme).open("/classes?run=full&cls_view=Confusions")
        page.see("Matrix of the most confused classes")
        page.page.locator(".js-plotly-plot").nth(1).wait_for(timeout=30_000)
        page.picture(f"confusions-{scheme}-{width}")
        assert not page.crashed()
