"""Finding and opening runs: ids stay inside the root, keys move with the files."""

import os
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import RunError
from analysis.runs import layout
from app.queries import runs
from tests.planting import make_run


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path / "runs"))
    make_run(tmp_path / "runs" / "one", per_class=5, thumbnails=False)
    return tmp_path / "runs"


@pytest.mark.parametrize("run_id", ["", ".", "..", "../one", "a/b", "/etc", ".faultline", "x\x00y", "one/", "C:\\x/.."])
def test_an_id_is_a_plain_folder_name(root: Path, run_id: str) -> None:
    with pytest.raises(RunError):
        runs.run_key(run_id)


def test_an_id_may_hold_spaces_and_signs(root: Path) -> None:
    (root / "one").rename(root / "my run, ä [2]")
    assert runs.run_key("my run, ä [2]").id == "my run, ä [2]"


def test_the_key_moves_when_a_file_of_the_run_does(root: Path) -> None:
    before = runs.run_key("one")
    assert runs.run_key("one") == before
    os.utime(root / "one" / layout.SAMPLES, ns=(1, 1))
    assert runs.run_key("one") != before


def test_progress_does_not_move_the_key(root: Path) -> None:
    before = runs.run_key("one")
    (root / "one" / layout.PROGRESS).write_text("{}")
    assert runs.run_key("one") == before


def test_a_changed_run_is_read_anew(root: Path) -> None:
    key = runs.run_key("one")
    assert runs.findings(key) is None
    (root / "one" / layout.FINDINGS).write_text('{"findings": []}')
    assert runs.findings(runs.run_key("one")) == {"findings": []}


def test_samples_have_the_columns_asked_for_in_sample_order(root: Path) -> None:
    frame = runs.samples(runs.run_key("one"), ["label", "loss"])
    assert list(frame.columns) == ["label", "loss"]
    assert np.array_equal(frame["loss"], runs.column(runs.run_key("one"), "loss"))
    assert runs.size(runs.run_key("one")) == len(frame) == 50


def test_progress_that_is_missing_or_half_written_is_none(root: Path) -> None:
    assert runs.progress("one") is None
    (root / "one" / layout.PROGRESS).write_text('{"stage": ')
    assert runs.progress("one") is None
