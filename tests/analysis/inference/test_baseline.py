"""The old model asked about the same pictures: only its classes, resumable, and never the end of a run."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from analysis.errors import InterruptedRunError, RunError
from analysis.inference.baseline import ask_baseline
from analysis.pipeline import run_investigation
from analysis.preparation import prepare
from analysis.runs import layout
from analysis.runs.run import Run
from analysis.spec.investigation import load_investigation
from tests.tiny import tiny_investigation

SECTION = '\n[baseline]\ncheckpoint = "before.pth"\n{classes}\n'
ROWS = torch.tensor([[-1.0, 2.0, -1.0], [-1.0, -1.0, 2.0]]) * 4  # green, blue


def with_baseline(folder: Path, names: str = "green\nblue\n", rows: torch.Tensor = ROWS) -> Path:
    toml = tiny_investigation(folder)
    torch.save({"2.weight": rows, "2.bias": torch.zeros(len(rows))}, folder / "before.pth")
    (folder / "before.txt").write_text(names)
    toml.write_text(toml.read_text() + "batch_size = 1\n" + SECTION.format(classes='classes = "before.txt"'))
    return toml


@pytest.fixture(scope="module")
def toml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_baseline(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def whole(toml: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_investigation(
        load_investigation(toml), tmp_path_factory.mktemp("whole") / "run", skip=frozenset({"projection"})
    )


def ask(toml: Path, run: Run, progress=lambda *_: None) -> tuple[str, ...]:
    prepared = prepare(load_investigation(toml))
    return ask_baseline(prepared.spec, run, prepared.dataset, prepared.preprocessing, progress=progress)


def files(run: Run) -> dict[str, bytes]:
    folder = run.path / layout.BASELINE
    kept = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return {name: content for name, content in kept.items() if name not in (layout.LOCK, layout.INFERENCE)}


def test_it_answers_for_the_samples_of_its_classes(whole: Run) -> None:
    old = whole.baseline
    assert old is not None
    assert old.class_names == ("green", "blue")
    assert whole.baseline_class.tolist() == [1, 0]
    assert whole.baseline_rows.tolist() == np.flatnonzero(whole.column("label") != "red").tolist()
    assert old.column("filepath").tolist() == whole.column("filepath")[whole.baseline_rows].tolist()
    assert old.column("correct").all()
    assert old.embeddings is not None
    np.testing.assert_array_equal(old.embeddings, whole.embeddings[whole.baseline_rows])
    assert not (whole.path / layout.BASELINE / layout.THUMBNAILS).exists()
    assert whole.findings["accuracy"]["baseline_old"] == 1.0
    assert whole.meta["timings"]["baseline"]["seconds"] > 0


def test_stopped_it_goes_on_to_the_same_files(toml: Path, whole: Run) -> None:
    before = files(whole)
    for file in sorted((whole.path / layout.BASELINE).rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()

    def stop(stage: str, done: int, total: int) -> None:
        assert stage == "baseline"
        if done >= 17:
            raise KeyboardInterrupt

    with pytest.raises(InterruptedRunError, match="16 of 24"):
        ask(toml, Run.open(whole.path), stop)
    assert ask(toml, Run.open(whole.path)) == ()
    assert files(whole) == before
    assert ask(toml, Run.open(whole.path)) == ()
    assert files(whole) == before


def test_another_baseline_in_a_resumed_run_is_refused(toml: Path, whole: Run) -> None:
    before = (toml.parent / "before.pth").read_bytes()
    torch.save({"2.weight": ROWS * 2, "2.bias": torch.zeros(2)}, toml.parent / "before.pth")
    with pytest.raises(RunError, match="checkpoint"):
        ask(toml, Run.open(whole.path))
    (toml.parent / "before.pth").write_bytes(before)


@pytest.mark.parametrize(
    ("names", "rows", "said"),
    [
        ("green\nblue\nred\n", ROWS, "2 outputs.*3 names"),
        ("green\ngreen\n", ROWS, "left out"),
        ("green\nblue\n", torch.zeros(2, 7), "left out"),
    ],
)
def test_one_that_does_not_fit_is_a_notice(names: str, rows: torch.Tensor, said: str, tmp_path: Path) -> None:
    toml = with_baseline(tmp_path / "files", names, rows)
    run = run_investigation(load_investigation(toml), tmp_path / "run", skip=frozenset({"projection"}))
    assert run.baseline is None
    assert run.findings["accuracy"]["baseline_old"] is None

    assert any(re.search(said, notice) for notice in run.meta["notices"])


def test_without_samples_of_its_classes_its_head_is_kept(tmp_path: Path) -> None:
    toml = with_baseline(tmp_path / "files", "cyan\npink\n")
    run = run_investigation(load_investigation(toml), tmp_path / "run", skip=frozenset({"projection"}))
    assert run.baseline is not None
    assert run.baseline.head is not None
    assert len(run.baseline_rows) == 0
    assert json.loads((run.path / layout.BASELINE / layout.META).read_text())["counts"]["samples"] == 0


def test_a_file_that_is_no_checkpoint_is_a_notice(tmp_path: Path) -> None:
    toml = with_baseline(tmp_path / "files")
    (tmp_path / "files" / "before.pth").write_bytes(b"nothing")
    run = run_investigation(load_investigation(toml), tmp_path / "run", skip=frozenset({"projection"}))
    assert sum("baseline" in notice.lower() for notice in run.meta["notices"]) == 2
    assert run.weights is not None
    assert run.weights["status"].isna().all()
