"""Two servers on one PostgreSQL: people on either see one another's verdicts, notes and short links."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from analysis.investigations.store import InvestigationStore
from analysis.runs.identity import run_identity
from analysis.runs.run import Run
from tests.browser.conftest import Tab, serve, stop
from tests.postgres import running

Make = Callable[..., Tab]
PATIENCE = 30_000
WORDS = "[data-testid=stMain] h1, [data-testid=stMain] [data-testid=stMarkdown]"
PICTURES = "[data-testid=stMain] img[src*='/api/']"


@pytest.fixture(scope="module")
def root(runs_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of their own, so that no server of another test shares their folder."""
    folder = tmp_path_factory.mktemp("two-servers")
    for name in ("whole", "full"):
        shutil.copytree(runs_folder / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with running() as postgres:
        yield postgres.url()


@pytest.fixture(scope="module")
def addresses(
    chromium: Browser, root: Path, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    logs = tmp_path_factory.mktemp("servers")
    with ExitStack() as ends:
        found = []
        for name in ("first", "second"):
            process, address = serve(root, logs / name, environment={"FAULTLINE_DATABASE": database})
            ends.callback(stop, process)
            found.append(address)
        yield found


@pytest.fixture
def two(tab: Make, addresses: list[str]) -> tuple[Tab, Tab]:
    """Two people's browsers, one on each server."""
    return tab(address=addresses[0], height=1100), tab(address=addresses[1], height=1100)


def _card(opened: Tab, kind: str, finding: str) -> Locator:
    return opened.page.locator(f"[class*=st-key-{kind}_{finding}_card]")


def _press(where: Locator, label: str) -> None:
    where.get_by_role("button", name=label, exact=True).click(timeout=PATIENCE)


def _begin(note: Locator, text: str) -> None:
    _press(note, "Add a note")
    note.locator("textarea").fill(text, timeout=PATIENCE)


def test_what_one_writes_shows_on_the_other_server_and_no_word_is_lost(
    two: tuple[Tab, Tab], root: Path, database: str
) -> None:
    ada, bob = (opened.open("/checklist?run=whole&finding=label_errors") for opened in two)
    assert ada.address != bob.address
    for opened in (ada, bob):
        opened.page.evaluate("window.stayed = true")  # a reload would forget it
    _card(ada, "verdict", "label_errors").get_by_text("Confirmed").click(timeout=PATIENCE)
    chosen = _card(bob, "verdict", "label_errors").locator("button[aria-checked=true]")
    expect(chosen.filter(has_text="Confirmed")).to_be_visible(timeout=PATIENCE)
    notes = [_card(opened, "note_finding", "label_errors") for opened in (ada, bob)]
    _begin(notes[0], "ada's words")
    _begin(notes[1], "bob's words")
    _press(notes[0], "Save")
    expect(notes[1].locator(".note")).to_have_text("ada's words", timeout=PATIENCE)
    expect(notes[1].locator("textarea")).to_have_value("bob's words")
    bob.picture("two-servers-conflict")
    _press(notes[1], "Put both together")
    expect(notes[1].locator("textarea")).to_have_value("ada's words\n\nbob's words", timeout=PATIENCE)
    _press(notes[1], "Save")
    for note in notes:
        expect(note.locator(".note p")).to_have_text(["ada's words", "bob's words"], timeout=PATIENCE)
    assert all(opened.page.evaluate("window.stayed") and not opened.crashed() for opened in (ada, bob))
    with InvestigationStore(database) as store:
        history = store.history(run_identity(Run.open(root / "whole").meta), kind="note")
    assert [change.after for change in history] == [{"text": "ada's words\n\nbob's words"}, {"text": "ada's words"}]


def test_a_short_link_made_on_one_server_opens_on_the_other(two: tuple[Tab, Tab], root: Path) -> None:
    ada, bob = two
    # Most of these numbers are no class: they make the address long enough for a short link.
    where = f"label_index in ({', '.join(map(str, range(0, 300, 3)))})"
    view = {"run": "full", "where": where, "ex_outcome": "Wrong", "ex_sort": "Entropy"}
    run = Run.open(root / "full")
    wrong = int(((run.column("label_index") % 3 == 0) & ~run.column("correct")).sum())
    ada.open(f"/examples?{urlencode(view)}").see(f"{wrong} samples, all wrong")
    ada.page.locator(PICTURES).first.wait_for(timeout=PATIENCE)
    _press(ada.settle().page.locator(".st-key-copy_link"), "Copy link")
    ada.see("Short link copied")
    link = str(ada.page.evaluate("navigator.clipboard.readText()"))
    assert re.fullmatch(rf"{ada.address}/s/[A-Za-z0-9_-]{{22}}", link)
    bob.open(urlsplit(link).path).see(f"{wrong} samples, all wrong")
    words = ada.page.locator(WORDS).all_inner_texts()
    expect(bob.page.locator(WORDS)).to_have_text(words, use_inner_text=True, timeout=PATIENCE)
    pictures = [str(picture.get_attribute("src")) for picture in ada.page.locator(PICTURES).all()]
    expect(bob.page.locator(PICTURES)).to_have_count(len(pictures), timeout=PATIENCE)
    assert [picture.get_attribute("src") for picture in bob.page.locator(PICTURES).all()] == pictures
    assert bob.page.url.startswith(bob.address)
    assert dict(parse_qsl(urlsplit(bob.page.url).query)) == view
    assert not bob.crashed()
