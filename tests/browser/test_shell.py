"""The shell in a real browser: links restore, Copy link copies, nothing ends in a traceback."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Tab, serve, stop

Make = Callable[..., Tab]
PAGES = ("Checklist", "Logits", "Classes", "Examples", "Clusters", "Runs", "Overview")


@pytest.mark.parametrize("run", ["faulty", "healthy", "nosplit"])
def test_the_menu_leads_through_every_page_and_keeps_the_run(tab: Make, run: str) -> None:
    opened = tab().open(f"/?run={run}")
    for title in PAGES:
        opened.page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        address = "/" if title == "Overview" else f"/{title.lower()}"
        opened.page.wait_for_url(re.compile(rf"{address}\?(.*&)?run={run}"), timeout=30_000)
        opened.settle()
        assert not opened.crashed(), title


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 900])
def test_overview_says_the_cause_first(tab: Make, width: int, scheme: str) -> None:
    opened = tab(width=width, height=1500, scheme=scheme).open("/?run=faulty")
    opened.see("Main cause: Class indices are scrambled")
    assert opened.page.get_by_text("little better than guessing").count() == 1
    opened.picture(f"overview-{width}-{scheme}")
    overflow = opened.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not overflow, "the page scrolls sideways"


def test_without_a_run_in_the_link_the_address_names_the_one_shown(tab: Make) -> None:
    opened = tab().open("/")
    opened.page.wait_for_url(re.compile(r"run=\w+"), timeout=30_000)


def test_a_filter_is_in_the_link_and_the_link_restores_it(tab: Make) -> None:
    first = tab().open("/checklist?run=faulty")
    first.page.get_by_role("button", name="Not tested").click()
    first.page.wait_for_url(re.compile("chk_verdict=Not"), timeout=30_000)
    first.settle()
    first.page.get_by_text("Copy link").click()
    first.see("Link copied")
    link = first.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{first.page.url}&v=1&rid=")
    second = tab()
    second.page.goto(link)
    second.settle().see("Rows of the head are dead")
    assert second.page.locator(".st-key-finding_index_map_scrambled").count() == 0
    second.picture("checklist-filtered")


def test_from_the_verdict_to_its_evidence_and_back(tab: Make) -> None:
    opened = tab(height=1400).open("/?run=faulty")
    opened.page.get_by_text("See the evidence").click()
    opened.page.wait_for_url(re.compile("finding=index_map_scrambled"), timeout=30_000)
    opened.settle().see("The whole checklist")
    assert opened.page.locator("[class*=st-key-finding_]").count() == 1
    opened.page.get_by_role("button", name="The whole checklist").click()
    opened.see("What undoing each cause gives back")
    opened.settle()
    assert "finding=" not in opened.page.url
    opened.picture("checklist")


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("/?run=vanished", "There is no run called “vanished” here."),
        ("/?run=..%2F..%2Fetc", "There is no run called"),
        ("/checklist?run=faulty&finding=nothing", "The link names the finding “nothing”"),
        ("/classes?run=faulty&cls=999999", "which this run does not have"),
        ("/examples?run=faulty&sample=999999", "which this run does not have"),
        ("/clusters?run=faulty&cluster=999", "which this run does not have"),
    ],
)
def test_a_link_to_what_is_not_there_is_answered_kindly(tab: Make, link: str, words: str) -> None:
    opened = tab().open(link).see(words)
    assert not opened.crashed()


def test_names_full_of_markup_are_shown_as_they_are_and_nothing_is_fetched_from_outside(tab: Make) -> None:
    opened = tab(height=2000)
    asked: list[str] = []
    opened.page.on("request", lambda request: asked.append(request.url))
    opened.open("/?run=faulty").see("Where it fails most")
    opened.open("/checklist?run=faulty").see("Class indices are scrambled")
    assert opened.open("/?run=faulty").page.get_by_text("plant <b>").count() > 0
    assert [url for url in asked if not url.startswith((opened.address, "data:", "blob:", "ws://localhost"))] == []


def test_pictures_come_through_the_route(tab: Make) -> None:
    opened = tab(height=2000)
    with opened.page.expect_response(re.compile(r"/api/runs/faulty/thumbnails/\d+")) as caught:
        opened.open("/?run=faulty")
    assert caught.value.status == 200
    assert caught.value.headers["content-type"].startswith("image/")
    assert "immutable" in caught.value.headers["cache-control"]
    assert caught.value.headers["x-content-type-options"] == "nosniff"


def test_the_first_minute_makes_the_example_and_lands_on_its_overview(
    chromium: Browser, tab: Make, tmp_path: Path
) -> None:
    process, address = serve(tmp_path / "runs", tmp_path / "log")
    try:
        first = tab(address=address).open("/").see("Built-in example")
        first.picture("first-minute")
        first.page.close()  # the job does not mind
        opened = tab(address=address).open("/")
        opened.page.locator(".st-key-verdict").wait_for(timeout=120_000)
        opened.page.get_by_text("running for").first.wait_for(state="detached", timeout=120_000)
        opened.settle().see("Main cause")
        assert "run=demo" in opened.page.url
        opened.picture("demo-overview")
    finally:
        stop(process)
