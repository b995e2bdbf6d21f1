"""Reading a run directory."""

import json

import numpy as np
import pytest

from analysis.errors import RunError
from analysis.runs import layout
from analysis.runs.run import Run
from tests.planting import make_run


def test_columns_candidates_and_pictures_come_back(tmp_path):
    run = make_run(tmp_path / "run", classes=5, per_class=4, metadata={"loss": ["a"] * 20}).run

    index, logit = run.topk()

    assert len(run) == 20
    assert run.metadata_columns == ("meta_loss",)
    assert index.shape == logit.shape == (20, 5)
    assert np.array_equal(index[:, 0], run.column("prediction_index"))
    assert (np.diff(logit, axis=1) <= 0).all()


def test_nulls_become_nan_minus_one_and_false(tmp_path):
    run = make_run(tmp_path / "run", classes=3, per_class=3, old=None, metadata={"camera": ["a", None] * 4 + ["b"]}).run

    assert run.column("camera")[1] is None
    assert np.isnan(run.column("projection_x")).all()
    assert (run.column("cluster") == -1).all()
    assert not run.column("label_issue").any()
    assert run.is_old is None


def test_candidates_of_unequal_length_are_padded(tmp_path):
    run = make_run(tmp_path / "run", classes=70, per_class=1, old=0.1).run

    index, logit = run.topk()

    assert index.shape == (70, 7 + 32)
    assert not np.isinf(logit).any()


@pytest.mark.parametrize("broken", ["missing", "empty", "garbled", "newer"])
def test_what_is_no_run_says_so(tmp_path, broken):
    path = tmp_path / "run"
    if broken != "missing":
        path.mkdir()
    if broken == "garbled":
        (path / layout.META).write_text("{")
    if broken == "newer":
        (path / layout.META).write_text(json.dumps({"schema_version": 99}))

    with pytest.raises(RunError, match="run"):
        Run.open(path)


def test_a_run_without_samples_says_that_inference_has_not_finished(tmp_path):
    (tmp_path / layout.META).write_text(json.dumps({"schema_version": layout.SCHEMA_VERSION}))

    with pytest.raises(RunError, match="resume"):
        len(Run.open(tmp_path))
