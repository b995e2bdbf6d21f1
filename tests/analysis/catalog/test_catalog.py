"""Titles and the archive: kept beside the runs, never in them."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from analysis.catalog.catalog import TITLE_LENGTH, Card, Catalog
from analysis.errors import OutputError


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert Catalog(tmp_path).cards() == {}
    assert list(tmp_path.iterdir()) == []


def test_a_title_and_the_archive_are_said_apart(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.rename("a", "  Robert'); DROP TABLE runs;--\n ", author="Ada")
    catalog.archive(["a", "b"], True, author="Bob")
    assert Catalog(tmp_path).cards() == {"a": Card("Robert'); DROP TABLE runs;--", True), "b": Card(None, True)}
    catalog.archive(["a"], False, author="Bob")
    catalog.rename("b", "B", author="Ada")
    assert catalog.cards() == {"a": Card("Robert'); DROP TABLE runs;--", False), "b": Card("B", True)}


def test_an_empty_title_gives_the_run_its_own_back_and_a_long_one_is_cut(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.rename("a", "x" * 999, author="Ada")
    assert len(catalog.cards()["a"].title or "") == TITLE_LENGTH
    catalog.rename("a", " ", author="Ada")
    assert catalog.cards()["a"].title is None


def test_a_card_goes_with_its_folder(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.rename("a", "A", author="Ada")
    catalog.move("a", "a-2")
    assert catalog.cards() == {"a-2": Card("A", False)}


def test_of_many_at_once_none_is_lost(tmp_path: Path) -> None:
    def say(number: int) -> None:
        Catalog(tmp_path).rename(f"run-{number}", f"Title {number}", author="Ada")

    threads = [threading.Thread(target=say, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {run: card.title for run, card in Catalog(tmp_path).cards().items()} == {
        f"run-{number}": f"Title {number}" for number in range(16)
    }


def test_a_locked_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.catalog.catalog.WAIT_SECONDS", 0.05)
    catalog = Catalog(tmp_path)
    catalog.rename("a", "A", author="Ada")
    with closing(sqlite3.connect(catalog.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="locked"):
            catalog.rename("a", "B", author="Ada")
    assert catalog.cards()["a"].title == "A"
