"""Viewers do not learn where things lie."""

from pathlib import Path

import pytest

from app import people
from app.access.redaction import for_reader, without_paths
from app.people import Person, Role


def test_paths_lose_their_folders(runs_folder: Path) -> None:
    assert without_paths(f"There is no run in {runs_folder}.") == "There is no run in …."
    assert without_paths("/srv/models/best/last.pth: truncated") == "…/last.pth: truncated"
    assert without_paths('File "/usr/lib/python3/x.py", line 3') == 'File "…/x.py", line 3'


@pytest.mark.parametrize("text", ["12 images/s and/or more", "https://example.org/a/b", "1/2/3 of 4", ""])
def test_what_is_no_path_stays(runs_folder: Path, text: str) -> None:
    assert without_paths(text) == text


def test_editors_read_paths_and_nobody_secrets(runs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "/srv/models/last.pth password=hunter2"
    monkeypatch.setattr(people, "current", lambda: Person(name="a", role=Role.EDITOR))
    assert for_reader(text) == "/srv/models/last.pth password=***"
    monkeypatch.setattr(people, "current", lambda: Person(name="a", role=Role.VIEWER))
    assert for_reader(text) == "…/last.pth password=***"
