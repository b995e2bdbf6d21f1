"""The whole checklist in a real browser: lines open, pictures convince, look-alikes are told."""

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Tab

Make = Callable[..., Tab]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 900])
def test_fifty_findings_stay_readable(tab: Make, width: int, scheme: str) -> None:
    opened = tab(width=width, height=3000, scheme=scheme).open("/checklist?run=whole")
    opened.see("What you could test with more inputs")
    opened.see("Head size mismatch")
    line = opened.page.locator(".st-key-open_head_size_mismatch")
    assert line.bounding_box()["height"] < 60, "one quiet line"
    opened.picture(f"checklist-whole-{width}-{scheme}")
    overflow = opened.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not overflow, "the page scrolls sideways"


def test_a_line_opens_its_finding_and_back_leads_to_the_list(tab: Make) -> None:
    opened = tab(height=1400).open("/checklist?run=whole")
    opened.page.locator(".st-key-open_index_offset button").click()
    opened.page.wait_for_url(re.compile("finding=index_offset"), timeout=30_000)
    opened.settle().see("Explained by")
    opened.page.go_back()
    opened.see("What undoing each cause gives back")


def test_the_picture_that_convinces_is_drawn_and_a_look_alike_is_told(tab: Make) -> None:
    opened = tab(height=2000).open("/checklist?run=whole&finding=logit_group_bias")
    chart = opened.page.locator(".st-key-proof_sweep .js-plotly-plot")
    chart.wait_for(timeout=30_000)
    chart.get_by_text("accuracy (% of samples)").wait_for(timeout=30_000)
    alike = opened.page.locator(".st-key-look_alikes")
    assert "Logit scale mismatch" in alike.inner_text()
    assert "excluded" in alike.inner_text()
    opened.picture("checklist-finding")
    alike.get_by_text("Logit scale mismatch").click()
    opened.page.wait_for_url(re.compile("finding=logit_scale_mismatch"), timeout=30_000)


def test_variants_are_shown_side_by_side_through_the_route(tab: Make) -> None:
    opened = tab(height=2000)
    with opened.page.expect_response(re.compile(r"/api/runs/whole/reruns/run/3")) as caught:
        opened.open("/checklist?run=whole&finding=preproc_channel_order")
    assert caught.value.status == 200
    opened.see("What the network sees.")
    shown = opened.page.locator(".st-key-proof_variants img")
    assert shown.count() == 4
    assert all(
        opened.page.evaluate("[...document.querySelectorAll('.st-key-proof_variants img')].map(i => i.complete)")
    )
