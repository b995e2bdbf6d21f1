"""The charts of the Logits page are drawn and its filters stand in the link."""

from collections.abc import Callable

from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]


def test_every_chart_is_drawn_with_axis_titles(tab: Tabs) -> None:
    page = tab(height=2400).open("/logits?run=full")
    page.page.locator(".js-plotly-plot").nth(2).wait_for(timeout=30_000)
    page.page.get_by_text("Head rows", exact=True).scroll_into_view_if_needed()  # charts are drawn near the view
    page.page.mouse.wheel(0, 3000)
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


def test_a_chart_is_drawn_when_it_comes_near_the_view_and_follows_the_filter(tab: Tabs) -> None:
    page = tab().open("/logits?run=full")
    page.page.locator(".st-key-log_sweep .xtitle").wait_for(timeout=30_000)
    page.settle()
    assert page.page.locator(".st-key-log_norms").count() == 0
    page.page.get_by_text("Head rows", exact=True).scroll_into_view_if_needed()
    page.page.locator(".st-key-log_norms .xtitle").wait_for(timeout=30_000)
    page.page.get_by_text("Old against new, sample by sample").scroll_into_view_if_needed()
    page.page.locator(".st-key-log_density .xtitle").first.wait_for(timeout=30_000)
    page.see("It does so for 35.1 %")
    page.page.locator(".st-key-where input").fill("loss > 1")
    page.page.locator(".st-key-where input").press("Enter")
    page.see("samples pass")
    page.page.get_by_text("Old against new, sample by sample").scroll_into_view_if_needed()
    page.page.locator(".st-key-log_density .xtitle").first.wait_for(timeout=30_000)
    page.page.get_by_text("It does so for 35.1 %").wait_for(state="detached", timeout=30_000)
