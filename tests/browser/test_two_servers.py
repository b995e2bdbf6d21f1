"""Two servers on one PostgreSQL, as behind a load balancer: what is added on one is seen on the other."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Tab, serve, stop
from tests.exploring import make_explored_run
from tests.postgres import running

PATIENCE = 30_000
FINDING = "/checklist?run=full&finding=label_errors"


@pytest.fixture(scope="module")
def addresses(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    root = tmp_path_factory.mktemp("runs")
    make_explored_run(root / "full")
    with running() as postgres:
        environment = {"FAULTLINE_DATABASE": postgres.url()}
        logs = tmp_path_factory.mktemp("servers")
        started = [serve(root, logs / str(number), environment=environment) for number in range(2)]
        yield [address for _, address in started]
        for process, _ in started:
            stop(process)


@pytest.fixture
def two(tab: Callable[..., Tab], addresses: list[str]) -> tuple[Tab, Tab]:
    """A browser on each of the servers."""
    return tab(address=addresses[0], height=1100), tab(address=addresses[1], height=1100)


def _card(opened: Tab, kind: str) -> Locator:
    return opened.page.locator(f"[class*=st-key-{kind}_label_errors_card]")


def _press(where: Locator, label: str) -> None:
    where.get_by_role("button", name=label, exact=True).click(timeout=PATIENCE)


def test_a_verdict_and_a_conflict_cross_from_server_to_server(two: tuple[Tab, Tab]) -> None:
    ada, bob = two[0].open(FINDING), two[1].open(FINDING)
    _card(ada, "verdict").get_by_text("Confirmed").click(timeout=PATIENCE)
    chosen = _card(bob, "verdict").locator("button[aria-checked=true]")
    expect(chosen.filter(has_text="Confirmed").first).to_be_visible(timeout=PATIENCE)
    notes = [_card(opened, "note_finding") for opened in (ada, bob)]
    for note, words in zip(notes, ("ada's words", "bob's words"), strict=True):
        _press(note, "Add a note")
        note.locator("textarea").fill(words, timeout=PATIENCE)
    _press(notes[0], "Save")
    expect(notes[1].locator(".note")).to_contain_text("ada's words", timeout=PATIENCE)
    expect(notes[1].locator("textarea")).to_have_value("bob's words")
    _press(notes[1], "Put both together")
    expect(notes[1].locator("textarea")).to_have_value("ada's words\n\nbob's words", timeout=PATIENCE)
    _press(notes[1], "Save")
    expect(notes[0].locator(".note")).to_contain_text("bob's words", timeout=PATIENCE)
    assert not ada.crashed()
    assert not bob.crashed()


def test_a_short_link_of_one_server_opens_on_the_other(two: tuple[Tab, Tab]) -> None:
    text = "class " + "x" * 500
    sender = two[0].open(f"/classes?run=full&cls_text={text}")
    sender.see("No class matches")
    sender.page.locator(".st-key-copy_link button").click(timeout=PATIENCE)
    sender.page.locator(".st-key-copy_link").get_by_text("copied").wait_for(timeout=PATIENCE)
    link = str(sender.page.evaluate("navigator.clipboard.readText()"))
    assert re.fullmatch(rf"{sender.address}/s/[A-Za-z0-9_-]{{22}}", link)
    receiver = two[1].open(link.removeprefix(sender.address))
    receiver.see("No class matches")
    assert f"cls_text=class+{'x' * 500}" in receiver.page.url.replace("%20", "+")
