"""Two browsers side by side: what one adds the other sees by itself, and nobody overwrites anybody unseen."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Locator, expect

from analysis.investigations.store import InvestigationStore
from analysis.runs.identity import run_identity
from analysis.runs.run import Run
from tests.browser.conftest import Tab, serve, stop

Make = Callable[..., Tab]
PATIENCE = 30_000
FINDING = "/checklist?run=whole&finding=logit_group_bias"


@pytest.fixture(scope="module")
def root(runs_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of their own, so that what is added here is seen by no other test."""
    folder = tmp_path_factory.mktemp("together")
    for name in ("whole", "faulty"):
        shutil.copytree(runs_folder / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def address(chromium: Browser, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, where = serve(root, tmp_path_factory.mktemp("server") / "log")
    yield where
    stop(process)


@pytest.fixture
def two(tab: Make, address: str) -> tuple[Tab, Tab]:
    """Two people's browsers, each with its own cookies and session."""
    return tab(address=address, height=1100), tab(address=address, height=1100)


def _note(opened: Tab) -> Locator:
    return opened.page.locator("[class*=st-key-note_finding_logit_group_bias_card]")


def _verdict(opened: Tab) -> Locator:
    return opened.page.locator("[class*=st-key-verdict_logit_group_bias_card]")


def _chosen(opened: Tab, state: str) -> Locator:
    return _verdict(opened).locator("button[aria-checked=true]").filter(has_text=state).first


def _write(opened: Tab, text: str) -> None:
    box = _note(opened).locator("textarea")
    box.wait_for(timeout=PATIENCE)
    box.fill(text)


def _press(where: Locator, label: str) -> None:
    where.get_by_role("button", name=label, exact=True).click(timeout=PATIENCE)


def test_what_one_adds_the_other_sees_without_a_reload(two: tuple[Tab, Tab]) -> None:
    ada, bob = two[0].open(FINDING), two[1].open(FINDING)
    _verdict(ada).get_by_text("Confirmed").click(timeout=PATIENCE)
    expect(_chosen(bob, "Confirmed")).to_be_visible(timeout=PATIENCE)
    _press(_note(ada), "Add a note")
    _write(ada, "Seen on **all** new classes <img src=x onerror=alert(1)>")
    _press(_note(ada), "Save")
    expect(_note(bob).locator(".note strong")).to_have_text("all", timeout=PATIENCE)
    expect(_note(bob)).to_contain_text("<img src=x onerror=alert(1)>")
    assert _note(bob).locator("img").count() == 0
    bob.picture("together-note")
    listed = bob.open("/checklist?run=whole")
    expect(listed.page.locator(".st-key-finding_logit_group_bias")).to_contain_text("Confirmed", timeout=PATIENCE)
    _verdict(ada).get_by_text("Fixed").click(timeout=PATIENCE)
    expect(listed.page.locator(".st-key-finding_logit_group_bias")).to_contain_text("Fixed", timeout=PATIENCE)


def test_the_second_who_saves_sees_both_versions_and_loses_no_word(two: tuple[Tab, Tab], root: Path) -> None:
    path = FINDING.replace("logit_group_bias", "label_errors")
    ada, bob = two[0].open(path), two[1].open(path)
    cards = [opened.page.locator("[class*=st-key-note_finding_label_errors_card]") for opened in (ada, bob)]
    for card, text in zip(cards, ("ada's words", "bob's words"), strict=True):
        _press(card, "Add a note")
        card.locator("textarea").fill(text, timeout=PATIENCE)
    _press(cards[0], "Save")
    expect(cards[0].locator(".note")).to_contain_text("ada's words", timeout=PATIENCE)
    # Without a reload the second browser shows the first one's words, and its own stay in the box as they were typed.
    expect(cards[1].locator(".note")).to_contain_text("ada's words", timeout=PATIENCE)
    expect(cards[1].locator("textarea")).to_have_value("bob's words")
    bob.picture("together-conflict")
    _press(cards[1], "Put both together")
    expect(cards[1].locator("textarea")).to_have_value("ada's words\n\nbob's words", timeout=PATIENCE)
    _press(cards[1], "Save")
    expect(cards[0].locator(".note")).to_contain_text("bob's words", timeout=PATIENCE)
    with InvestigationStore(f"sqlite:///{root / '.faultline' / 'investigations.sqlite'}") as store:
        history = store.history(
            run_identity(Run.open(root / "whole").meta), kind="note", subject="finding:label_errors"
        )
    assert [change.after for change in history] == [{"text": "ada's words\n\nbob's words"}, {"text": "ada's words"}]


def test_what_is_being_typed_stays_while_others_change_things(two: tuple[Tab, Tab], root: Path) -> None:
    path = FINDING.replace("logit_group_bias", "index_map_scrambled")
    opened = two[0].open(path)
    card = opened.page.locator("[class*=st-key-note_finding_index_map_scrambled_card]")
    _press(card, "Add a note")
    box = card.locator("textarea")
    box.wait_for(timeout=PATIENCE)
    box.press_sequentially("half a sen")
    with InvestigationStore(f"sqlite:///{root / '.faultline' / 'investigations.sqlite'}") as store:
        run = run_identity(Run.open(root / "whole").meta)
        store.put(run, "verdict", "index_map_scrambled", {"state": "dismissed", "reason": "why *not*"}, author="bob",
                  expected=0)  # fmt: skip
    expect(opened.page.locator("[class*=st-key-verdict_index_map_scrambled_card]")).to_contain_text(
        "why *not*", timeout=PATIENCE
    )
    box.press_sequentially("tence")
    expect(box).to_have_value("half a sentence")
    _press(card, "Save")
    expect(card.locator(".note")).to_have_text("half a sentence", timeout=PATIENCE)
    card.get_by_role("button", name="History").click()
    undo = opened.page.get_by_role("button", name="Undo", exact=True).first
    undo.click(timeout=PATIENCE)
    expect(card.get_by_role("button", name="Add a note")).to_be_visible(timeout=PATIENCE)


def test_what_was_typed_is_there_after_another_page_and_closing_asks(two: tuple[Tab, Tab]) -> None:
    opened = two[0].open(FINDING.replace("logit_group_bias", "preproc_channel_order"))
    card = opened.page.locator("[class*=st-key-note_finding_preproc_channel_order_card]")
    _press(card, "Add a note")
    box = card.locator("textarea")
    box.wait_for(timeout=PATIENCE)
    box.press_sequentially("red and blue look")
    opened.page.get_by_role("link", name="Duplicates").click()
    opened.page.get_by_role("heading", name="Duplicates").wait_for(timeout=PATIENCE)
    opened.page.go_back()
    expect(card.locator("textarea")).to_have_value("red and blue look", timeout=PATIENCE)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    opened.page.once("dialog", stay)
    opened.page.close(run_before_unload=True)
    for _ in range(100):
        if asked:
            break
        opened.page.wait_for_timeout(100)
    assert asked == ["beforeunload"]
    _press(card, "Cancel")
    _press(card, "Add a note")
    expect(card.locator("textarea")).to_have_value("", timeout=PATIENCE)
    card.locator("textarea").press_sequentially("swapped")
    _press(card, "Save")
    expect(card.locator(".note")).to_have_text("swapped", timeout=PATIENCE)


def test_what_was_typed_is_there_after_a_reload_beside_what_others_wrote_meanwhile(
    two: tuple[Tab, Tab], root: Path
) -> None:
    opened = two[0].open(FINDING.replace("logit_group_bias", "preproc_geometry"))
    card = opened.page.locator("[class*=st-key-note_finding_preproc_geometry_card]")
    _press(card, "Add a note")
    card.locator("textarea").wait_for(timeout=PATIENCE)
    card.locator("textarea").press_sequentially("mine, not sa")
    opened.page.reload()
    expect(card.locator("textarea")).to_have_value("mine, not sa", timeout=PATIENCE)
    with InvestigationStore(f"sqlite:///{root / '.faultline' / 'investigations.sqlite'}") as store:
        run = run_identity(Run.open(root / "whole").meta)
        store.put(run, "note", "finding:preproc_geometry", {"text": "theirs"}, author="bob", expected=0)
    opened.page.reload()
    expect(card).to_contain_text("Changed by bob", timeout=PATIENCE)
    expect(card.locator(".note")).to_have_text("theirs")
    expect(card.locator("textarea")).to_have_value("mine, not sa", timeout=PATIENCE)
    _press(card, "Put both together")
    expect(card.locator("textarea")).to_have_value("theirs\n\nmine, not sa", timeout=PATIENCE)
    _press(card, "Save")
    expect(card.locator(".note")).to_contain_text("mine, not sa", timeout=PATIENCE)
    opened.page.reload()
    expect(card.get_by_role("button", name="Edit")).to_be_visible(timeout=PATIENCE)
    opened.page.wait_for_timeout(1_500)  # saved words are not taken for unsaved ones
    expect(card.locator("textarea")).to_have_count(0)


def test_a_saved_view_opens_in_the_other_browser(two: tuple[Tab, Tab]) -> None:
    ada, bob = two[0].open("/checklist?run=whole&chk_verdict=Ruled+out"), two[1].open("/?run=whole")
    ada.page.get_by_role("button", name="Views").click()
    ada.page.get_by_label("Save what you see as").fill("ruled <b>out</b>")
    ada.page.get_by_role("button", name="Save view").click()
    expect(ada.page.get_by_role("link", name="ruled <b>out</b>")).to_be_visible(timeout=PATIENCE)
    ada.picture("together-views")
    bob.open("/?run=whole").page.get_by_role("button", name="Views").click()
    bob.page.get_by_role("link", name="ruled <b>out</b>").click(timeout=PATIENCE)
    bob.page.wait_for_url(re.compile(r"/checklist\?.*chk_verdict=Ruled"), timeout=PATIENCE)
    bob.settle().see("Checkpoint")
    assert not bob.crashed()
