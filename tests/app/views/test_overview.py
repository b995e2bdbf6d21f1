"""The page Overview: sentence, numbers, ladder, worst clusters; calm, split-less and unfinished runs."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from app.queries import overview, runs
from app.queries.passing import Filter
from tests.app.pages import open_page, words

pytestmark = pytest.mark.usefixtures("shell_root", "no_processes")


def test_the_cause_is_the_title_and_the_limits_stand_above_the_numbers_they_limit() -> None:
    app = open_page("overview", run="faulty")
    assert "Main cause: Class indices are scrambled" in app.title[0].value.replace("\\", "")
    assert "Half of the classes have fewer than 5 samples" in app.warning[0].value.replace("\\", "")
    marked = [metric.label for metric in app.metric if ":material/warning:" in metric.label]
    assert len(marked) == 3, "the small set limits every accuracy"


def test_accuracies_against_chance() -> None:
    app = open_page("overview", run="faulty")
    shown = {metric.label.split("Accuracy")[-1].strip(", "): metric.value for metric in app.metric}
    assert shown == {"overall": "10.0 %", "old": "4.0 %", "new": "25.0 %", "With the faults undone": "72.0 %"}
    assert "Guessing would be right 10 % of the time" in words(app)


def test_what_could_not_be_tested_says_what_is_missing() -> None:
    text = words(open_page("overview", run="faulty")).replace("\\", "")
    assert "1 could not be tested. They need:" in text.replace("*", "")
    assert "- head weights: 1 test" in text
    assert "1 test failed, which says nothing about the model: The odd one" in text.replace("*", "")


def test_worst_clusters_come_with_pictures_and_names_as_text() -> None:
    app = open_page("overview", run="faulty")
    text = words(app)
    assert "group 0" in text
    assert "leaf \\<b\\>" in text, "names are escaped for markdown"
    strips = [element.proto.body for element in app.get("html")]
    assert len(strips) == 3
    assert "/api/runs/faulty/thumbnails/" in strips[0]
    assert "leaf &lt;b&gt;" in strips[0]
    assert "<b>" not in strips[0]


def test_the_small_print_names_what_was_noticed_and_offers_every_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell_root: Path
) -> None:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    file = tmp_path / "noticed" / "run.json"
    shutil.copytree(shell_root / "healthy", file.parent)
    meta = json.loads(file.read_text())
    meta["notices"] = ["The <b>list</b> is longer than the head."]
    meta["counts"]["problems"] = 3
    meta["preprocessing"] = {"input_size": [32, 32], "resize": "none", "mean": [0.5], "std": [0.25]}
    file.write_text(json.dumps(meta))
    app = open_page("overview", run="noticed")
    text = words(app).replace("\\", "")
    assert "The <b>list</b> is longer than the head." in text
    assert "3 samples could not be used" in text
    assert "32 × 32 px" in text
    assert app.expander[0].label == "About this run (2 notes)"


def test_looking_makes_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell_root: Path) -> None:
    shutil.copytree(shell_root / "healthy", tmp_path / "healthy")
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    for page in ("overview", "checklist", "runs"):
        assert not open_page(page, run="healthy").exception
    assert [entry.name for entry in tmp_path.iterdir()] == ["healthy"]


def test_no_fault_is_calm() -> None:
    app = open_page("overview", run="healthy")
    assert "No fault found" in app.title[0].value
    assert not app.warning
    assert "With the faults undone" not in [metric.label for metric in app.metric]


def test_without_an_old_list_the_page_says_so() -> None:
    app = open_page("overview", run="nosplit")
    assert "given no list of old classes" in words(app)
    assert [metric.label for metric in app.metric] == ["Accuracy overall", "By guessing"]


def test_a_run_without_a_diagnosis_says_that_it_was_interrupted() -> None:
    assert "was interrupted before it was computed" in words(open_page("overview", run="begun"))


def test_the_filter_chooses_the_pictures_of_clusters() -> None:
    key = runs.run_key("faulty")
    every = overview.worst_clusters(key)
    loss = np.sort(runs.column(key, "loss")[list(every[0].sample_ids)])
    chosen = overview.worst_clusters(key, Filter(f"loss > {loss[0]}", 0))
    assert [card.errors for card in chosen] == [card.errors for card in every]
    assert chosen[0].sample_ids == every[0].sample_ids[:-1]
    app = open_page("overview", run="faulty", where="loss > 1e9")
    assert "None of its errors passes the filter" in words(app)
    assert "chooses the pictures of its clusters only" in words(app)
