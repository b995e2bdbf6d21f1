"""Writing a run directory: one owner, whole files, shards that survive."""

import errno
import json
import multiprocessing
import time

import numpy as np
import pytest

from analysis.errors import OutputError, RunError
from analysis.runs import atomic, layout
from analysis.runs.writer import RunWriter


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")

    with pytest.raises(RunError, match=r"not empty.*thesis\.tex"):
        RunWriter(tmp_path)
    with pytest.raises(RunError, match="no run that was begun"):
        RunWriter(tmp_path, resume=True)


def test_a_begun_run_asks_for_resume(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.commit_shard(0, {"x": np.arange(3)})

    with pytest.raises(RunError, match="--resume"):
        RunWriter(tmp_path)
    with RunWriter(tmp_path, resume=True) as writer:
        assert writer.finished_shards() == [0]
        assert np.array_equal(writer.read_shard(0)["x"], [0, 1, 2])


def test_two_processes_cannot_write_one_run(tmp_path):
    with RunWriter(tmp_path), pytest.raises(RunError, match="another process"):
        RunWriter(tmp_path, resume=True)


def test_processes_that_decode_hold_nothing_after_the_one_that_wrote(tmp_path):
    """They are forked while the run is locked, and may live some seconds longer where that one was killed."""
    writer = RunWriter(tmp_path)
    fork = multiprocessing.get_context("fork")
    started = fork.Event()
    child = fork.Process(target=lambda: (started.set(), time.sleep(60)))
    child.start()
    try:
        assert started.wait(30)
        with pytest.raises(RunError, match="another process"):
            RunWriter(tmp_path, resume=True)
        writer.close()
        RunWriter(tmp_path, resume=True).close()
        assert child.is_alive()
    finally:
        child.kill()
        child.join()


def test_out_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "run").write_text("")

    with pytest.raises(RunError, match="is a file"):
        RunWriter(tmp_path / "run")


def test_a_full_disk_keeps_the_old_file_and_leaves_no_rest(tmp_path):
    atomic.write_json(tmp_path / "x.json", {"kept": True})

    def fill() -> None:
        with atomic.replacing(tmp_path / "x.json") as file:
            file.write(b"{")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="disk is full"):
        fill()
    assert json.loads((tmp_path / "x.json").read_text()) == {"kept": True}
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.json"]


def test_json_never_holds_nan(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        atomic.write_json(tmp_path / "x.json", {"x": float("nan")})


def test_metadata_never_shadows_our_columns():
    names = layout.metadata_names(["camera", "loss", "meta_loss"])

    assert names == {"camera": "camera", "loss": "meta_loss", "meta_loss": "meta_meta_loss"}
