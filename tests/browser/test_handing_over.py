"""An investigation leaves one installation as a file and enters another, empty one, through the pages alone."""

import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from analysis.investigations.store import InvestigationStore
from analysis.runs.identity import run_identity
from analysis.runs.run import Run
from tests.browser.conftest import Tab, serve, stop

Make = Callable[..., Tab]


def _offer(opened: Tab, file: Path) -> None:
    opened.page.locator(".st-key-runs_import input[type=file]").set_input_files(file)
    opened.page.locator(".st-key-runs_import").get_by_text(file.name).first.wait_for(timeout=30_000)
    opened.page.get_by_role("button", name="Take over").first.click()


def test_an_empty_installation_takes_over_what_another_hands_over(
    chromium: Browser, tab: Make, runs_folder: Path, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    shutil.copytree(runs_folder / "whole", ours / "whole")
    theirs.mkdir()
    with InvestigationStore(f"sqlite:///{ours}/.faultline/investigations.sqlite") as store:
        identity = run_identity(Run.open(ours / "whole").meta)
        store.put(identity, "note", "class:5", {"text": "leaves like **hands**"}, author="ada", expected=0)
    here, address = serve(ours, tmp_path / "ours.log")
    there, elsewhere = serve(
        theirs, tmp_path / "theirs.log", environment={"FAULTLINE_DATABASE": f"sqlite:///{tmp_path}/theirs.sqlite"}
    )
    try:
        sender = tab(address=address).open("/?run=whole")
        sender.page.locator(".st-key-export button").first.click()
        files = {}
        for label in ("Words alone", "With the run"):
            with sender.page.expect_download() as download:
                sender.page.get_by_role("link", name=label).first.click()
            files[label] = tmp_path / f"{label}.zip"
            download.value.save_as(files[label])
        cut = tmp_path / "cut.zip"
        cut.write_bytes(files["With the run"].read_bytes()[:5_000])
        receiver = tab(address=elsewhere).open("/runs")
        receiver.page.get_by_text("Take over an investigation").click()
        _offer(receiver, cut)
        receiver.see("cut.zip")
        _offer(receiver, files["Words alone"])
        receiver.see("1 new change, 1 item taken over").see("is not here")
        _offer(receiver, files["With the run"])
        receiver.see("everything that people added is here already").see("Open “").picture("handed-over")
        receiver.open("/classes?cls=5").page.get_by_text("hands", exact=True).first.wait_for(timeout=30_000)
        assert not receiver.crashed()
    finally:
        stop(here)
        stop(there)
