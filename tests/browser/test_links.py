"""Links between people: a fresh browser shows the same evidence; Back and Forward; a run that moved."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Tab, serve, stop
from tests.exploring import make_explored_run

Make = Callable[..., Tab]


def _copied(opened: Tab, button: str = ".st-key-copy_link") -> str:
    opened.page.locator(f"{button} button").click()
    opened.page.locator(button).get_by_text("copied").wait_for(timeout=30_000)
    return str(opened.page.evaluate("navigator.clipboard.readText()"))


def _evidence(page: Page) -> dict[str, object]:
    """What a person would hold against the sender's screen: words, numbers and pictures of the page."""
    words = page.locator(
        "[data-testid=stMain] [data-testid=stMarkdown], [data-testid=stMain] [data-testid=stMetric],"
        " [data-testid=stMain] h1, [data-testid=stDialog] [data-testid=stMarkdown]"
    ).all_inner_texts()
    pictures = page.evaluate(
        """() => { const found = [];
        const look = (root) => { for (const e of root.querySelectorAll("*")) {
          if (e.tagName === "IMG" && e.src.includes("/api/")) found.push(e.src.replace(location.origin, ""));
          if (e.shadowRoot) look(e.shadowRoot); } };
        look(document); return [...new Set(found)].sort(); }"""
    )
    return {"words": words, "pictures": pictures}


_STILL = 12  # looks, a quarter of a second apart: a fresh browser fetches a part of the page after the script has ended


def _settled_evidence(opened: Tab) -> dict[str, object]:
    """The evidence once it stays the same for a while."""
    last, same = _evidence(opened.page), 0
    for _ in range(20 * _STILL):
        opened.settle()
        now = _evidence(opened.page)
        same = same + 1 if now == last else 0
        last = now
        if same >= _STILL:
            break
    return last


def _shows(opened: Tab, wanted: dict[str, object]) -> bool:
    """Whether the page comes to show this evidence."""
    return any(_evidence(opened.settle().page) == wanted for _ in range(120))


VIEWS = {
    "lasso, colours and cluster": "/clusters?run=full&cluster=1&clu_colour=Cluster&clu_today=true",
    "filters, page and drawer": "/examples?run=full&ex_outcome=Wrong&ex_sort=Entropy&ex_reverse=true&sample=301",
    "class with a drawer": "/classes?run=full&cls=5&sample=301",
    "finding": "/checklist?run=faulty&finding=index_map_scrambled",
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_fresh_browser_shows_the_same_evidence(tab: Make, view: str) -> None:
    sender = tab(height=1600).open(VIEWS[view])
    seen = _settled_evidence(sender)
    assert not sender.crashed()
    button = ".st-key-copy_link_drawer" if "sample=" in VIEWS[view] else ".st-key-copy_link"
    link = _copied(sender, button)
    assert "rid=" in link
    receiver = tab(height=1600)
    receiver.page.goto(link)
    assert _shows(receiver, seen), _evidence(receiver.page)
    assert "rid=" not in receiver.page.url
    sender.page.reload()
    assert _shows(sender, seen), _evidence(sender.page)


def test_an_outline_drawn_on_the_map_is_in_the_link(tab: Make) -> None:
    sender = tab(height=1400).open("/clusters?run=full")
    place = sender.page.locator(".st-key-clu_map canvas").first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None
    centre = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    sender.page.keyboard.down("Shift")
    sender.page.mouse.move(centre[0] - 150, centre[1] - 120)
    sender.page.mouse.down()
    for dx, dy in ((150, -120), (150, 120), (-150, 120), (-150, -120)):
        sender.page.mouse.move(centre[0] + dx, centre[1] + dy, steps=5)
    sender.page.mouse.up()
    sender.page.keyboard.up("Shift")
    sender.page.wait_for_url(re.compile("area="), timeout=30_000)
    sender.page.locator(".st-key-clu_selection").wait_for(timeout=30_000)
    seen = _settled_evidence(sender)
    link = _copied(sender)
    receiver = tab(height=1400)
    receiver.page.goto(link)
    receiver.page.locator(".st-key-clu_selection").wait_for(timeout=30_000)
    assert _settled_evidence(receiver)["words"] == seen["words"]


def test_a_long_address_becomes_a_short_link(tab: Make) -> None:
    text = "class " + "x" * 500
    sender = tab().open(f"/classes?run=full&cls_text={text}")
    sender.see("No class matches")
    link = _copied(sender)
    assert re.fullmatch(rf"{sender.address}/s/[A-Za-z0-9_-]{{22}}", link)
    receiver = tab()
    receiver.page.goto(link)
    receiver.settle().see("No class matches")
    assert "cls_text=class" in receiver.page.url


def test_a_view_too_long_for_a_request_opens_by_its_short_link(tab: Make) -> None:
    numbers = ", ".join(str(number) for number in range(0, 30_000, 7))
    where = f"index in ({numbers})"[:19_000].rpartition(",")[0] + ")"
    angles = np.linspace(0, 2 * np.pi, 1500, endpoint=False)
    area = "_".join(f"{value:.5f}" for a in angles for value in (0.7 * np.cos(a), 0.7 * np.sin(a)))
    query = urlencode({"run": "full", "where": where.replace("index", "width"), "area": area})
    assert len(query) > 45_000
    sender = tab().open(f"/clusters?{query}")
    sender.page.locator(".st-key-clu_selection").wait_for(timeout=30_000)
    link = _copied(sender)
    assert re.fullmatch(rf"{sender.address}/s/[A-Za-z0-9_-]{{22}}", link)
    receiver = tab()
    receiver.page.goto(link)
    receiver.page.locator(".st-key-clu_selection").wait_for(timeout=30_000)
    assert dict(parse_qsl(urlsplit(receiver.page.url).query)) == dict(parse_qsl(query))
    assert _settled_evidence(receiver)["words"] == _settled_evidence(sender)["words"]
    receiver.page.reload()
    receiver.page.locator(".st-key-clu_selection").wait_for(timeout=30_000)


def test_back_and_forward_walk_through_what_was_seen(tab: Make) -> None:
    opened = tab().open("/?run=faulty")
    opened.see("Main cause: Class indices are scrambled")
    opened.page.get_by_test_id("stTopNavLink").filter(has_text="Classes").click()
    opened.page.wait_for_url(re.compile("/classes"), timeout=30_000)
    reverse = opened.page.locator(".st-key-cls_reverse")
    reverse.locator("label").first.click()
    opened.page.wait_for_url(re.compile("cls_reverse=true"), timeout=30_000)
    opened.settle()
    opened.page.get_by_test_id("stTopNavLink").filter(has_text="Checklist").click()
    opened.page.wait_for_url(re.compile("/checklist"), timeout=30_000)
    opened.settle()
    opened.page.locator("[class*=st-key-untested_] button").first.click()
    opened.page.wait_for_url(re.compile("finding="), timeout=30_000)
    opened.settle().see("The whole checklist")
    opened.page.go_back()
    opened.page.get_by_text("What undoing each cause gives back").wait_for(timeout=30_000)
    assert "finding=" not in opened.page.url
    opened.page.go_back()
    opened.page.wait_for_url(re.compile("/classes.*cls_reverse=true"), timeout=30_000)
    reverse.locator("input:checked").wait_for(state="attached", timeout=30_000)
    opened.page.go_back()
    opened.see("Main cause: Class indices are scrambled")
    opened.settle()
    opened.page.go_forward()
    reverse.locator("input:checked").wait_for(state="attached", timeout=30_000)
    opened.settle()
    opened.page.go_forward()
    opened.page.wait_for_url(re.compile("/checklist"), timeout=30_000)
    opened.settle()
    opened.page.go_forward()
    opened.see("The whole checklist")
    assert "finding=" in opened.page.url


def test_a_link_to_a_run_that_moved_leads_there(
    chromium: Browser, tab: Make, tmp_path: Path, runs_folder: Path
) -> None:
    root = tmp_path / "runs"
    make_explored_run(root / "ours")
    process, address = serve(root, tmp_path / "log")
    try:
        link = _copied(tab(address=address).open("/classes?run=ours&cls=5"))
        shutil.move(root / "ours", root / "theirs")
        opened = tab(address=address)
        opened.page.goto(link)
        opened.see("here it is called “theirs”").see("Who takes its samples").picture("link-moved")
        assert "cls=5" in opened.page.url
        assert "rid=" not in opened.page.url
        assert "moved=" not in _copied(opened)
        shutil.rmtree(root / "theirs")
        opened.page.goto(link)
        opened.see("The run “ours” is gone.").picture("link-gone")
    finally:
        stop(process)


HOSTILE = (
    "classes?cls={}&cls_page={}&cls_text={}",
    "clusters?area={}&cluster={}",
    "runs?chosen={}&runs_page={}",
    "checklist?finding={}&chk_verdict={}",
    "examples?sample={}&ex_page={}",
    "classes?rid={}&v={}",
)


@pytest.mark.parametrize("value", ["%3Cscript%3Ewindow.hit=1%3C%2Fscript%3E", "'%20OR%201=1", "%00", "9" * 400, "-1"])
def test_hostile_values_harm_nothing(tab: Make, value: str) -> None:
    opened = tab()
    for link in HOSTILE:
        opened.open(f"/{link.replace('{}', value)}&run=full")
        assert not opened.crashed(), link
        assert opened.page.evaluate("window.hit") is None
