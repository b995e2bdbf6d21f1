"""What a page reports by itself never wins against a person who leaves it or chooses something on it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute

from tests.browser.conftest import Tab

Make = Callable[..., Tab]


class Wire:
    """What goes between the page and its server; a server that is busy says nothing for a while."""

    def __init__(self, page: Page) -> None:
        self.asked = 0
        self.busy = False
        self._held: list[str | bytes] = []
        page.route_web_socket(lambda url: "stream" in url, self._connect)

    def _connect(self, route: WebSocketRoute) -> None:
        self._page, server = route, route.connect_to_server()

        def ask(message: str | bytes) -> None:
            self.asked += 1
            server.send(message)

        route.on_message(ask)
        server.on_message(lambda message: self._held.append(message) if self.busy else route.send(message))

    def settle(self, opened: Tab) -> None:
        """Wait until the page has told all it tells by itself, which it does when nobody touches it."""
        told = -1
        while told != self.asked:
            told = self.asked
            opened.page.wait_for_timeout(1000)
            opened.settle()

    def answer(self) -> None:
        """The server is free again."""
        self.busy = False
        for message in self._held:
            self._page.send(message)


def _scroll_down(opened: Tab) -> None:
    opened.page.evaluate("() => { const m = document.querySelector('[data-testid=stMain]'); m.scrollTop = 1e6; }")
    opened.page.wait_for_timeout(800)


def _click_checklist(opened: Tab) -> None:
    opened.page.get_by_test_id("stTopNavLink").filter(has_text="Checklist").click()


WAYS: dict[str, tuple[Callable[[Tab], object], str]] = {
    "the menu": (_click_checklist, "What undoing each cause gives back"),
    "Back": (lambda opened: opened.page.go_back(wait_until="commit"), "Main cause: Class indices are scrambled"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_place_that_comes_near_the_view_is_not_told_to_a_page_that_is_being_left(tab: Make, way: str) -> None:
    leave, seen = WAYS[way]
    opened = tab(height=400)
    wire = Wire(opened.page)
    opened.open("/?run=faulty").see("Main cause: Class indices are scrambled")
    opened.page.get_by_test_id("stTopNavLink").filter(has_text="Classes").click()
    opened.see("Who takes its samples")
    wire.settle(opened)
    wire.busy = True
    before = wire.asked
    leave(opened)
    opened.page.wait_for_timeout(100)
    assert wire.asked == before + 1
    _scroll_down(opened)
    assert wire.asked == before + 1
    wire.answer()
    opened.see(seen)


def test_it_is_told_to_a_page_that_stays(tab: Make) -> None:
    opened = tab(height=400)
    wire = Wire(opened.page)
    opened.open("/classes?run=faulty").see("Who takes its samples")
    wire.settle(opened)
    wire.busy = True
    before = wire.asked
    for _ in range(30):
        _scroll_down(opened)
        if wire.asked > before:
            break
    assert wire.asked > before
    wire.answer()


def test_a_choice_in_the_moment_of_a_report_is_heard(tab: Make) -> None:
    opened = tab(height=700)
    opened.page.add_init_script("const after = setTimeout; setTimeout = (f, ms) => after(f, ms || window.send || 0)")
    opened.open("/logits?run=full")
    measure = opened.page.locator(".st-key-log_measure").get_by_text("Margin", exact=True)
    measure.scroll_into_view_if_needed()
    opened.settle()
    opened.page.evaluate("() => { window.send = 1500 }")  # a slow machine: what changes now is sent together
    opened.page.get_by_text("Old against new, sample by sample").scroll_into_view_if_needed()
    opened.page.wait_for_timeout(500)
    opened.page.evaluate("() => document.querySelector('.st-key-log_measure').scrollIntoView({block: 'center'})")
    measure.click()
    opened.see("Right of 0 the sample is correct")


RARELY_IDLE = """
const after = setTimeout, waiting = []
setTimeout = (f, ms) => ms === 3000 ? 0 : after(f, ms)  // no report is made a second time
requestIdleCallback = f => {
  waiting.push(f)
  if (waiting.length === 1) after(() => waiting.splice(0).map(f => f()), 900)
}
"""


def test_places_that_come_near_in_the_same_moment_are_all_drawn(tab: Make) -> None:
    opened = tab(height=700)
    opened.page.add_init_script(RARELY_IDLE)
    opened.open("/logits?run=full")
    opened.page.locator(".st-key-log_sweep .xtitle").wait_for(timeout=30_000)
    opened.settle()
    opened.page.get_by_text("Head rows", exact=True).scroll_into_view_if_needed()
    opened.page.locator(".st-key-log_density .xtitle").first.wait_for(timeout=30_000)
    opened.page.locator(".st-key-log_norms .xtitle").wait_for(timeout=30_000)
