"""The charts of the Logits page are drawn and its filters stand in the link."""

from collections.abc import Callable

from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]


def test_every_chart_is_drawn_with_axis_titles(tab: Tabs) -> None:
    page = tab(height=2400).open("/logits?run=full")
    page.page.locator(".js-plotly-plot").nth(4).wait_for(timeout=30_000)
    page.settle()
    plots = page.page.locator(".js-plotly-plot")
    assert plots.count() == 5
    for at in range(5):
        assert plots.nth(at).locator(".xtitle, .x2title").first.text_content()
        assert plots.nth(at).locator(".ytitle").first.text_content()
    page.picture("logits")


def test_the_measure_stands_in_the_link(tab: Tabs) -> None:
    page = tab().open("/logits?run=full")
    page.page.locator(".st-key-log_measure").get_by_text("Margin", exact=True).click()
    page.page.wait_for_url("**log_measure=Margin*")
    page.see("Right of 0 the sample is correct")


def test_without_an_old_list(tab: Tabs) -> None:
    page = tab(width=900).open("/logits?run=nosplit")
    page.see("this run was given none").see("all classes (720)")
    page.picture("logits-no-split-900")
