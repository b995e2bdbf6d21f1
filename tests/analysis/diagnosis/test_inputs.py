"""What a run has and lacks, in words."""

import numpy as np
import pandas as pd

from analysis.diagnosis.inputs import INPUTS, missing
from analysis.runs import layout
from analysis.runs.atomic import write_array, write_table
from analysis.runs.run import Run
from tests.planting import make_run, with_train_counts


def test_a_bare_run_lacks_what_it_lacks(tmp_path):
    run = make_run(tmp_path, embeddings=False, head=False, old=None).run
    absent = {code for code in INPUTS if missing((code,), run)}
    assert absent == set(INPUTS) - {"samples", "pictures"}
    lacking = missing(("split", "samples", "head"), run)
    assert [one.name for one in lacking] == ["an old class list", "the classification head's weights"]
    assert all(one.how_to_add.endswith(".") for one in INPUTS.values())


def test_a_full_run_lacks_nothing(tmp_path):
    make_run(tmp_path, clusters=True, metadata={"camera": ["a"] * 800})
    make_run(tmp_path / layout.BASELINE)
    write_array(tmp_path / layout.BASELINE_ROWS, np.arange(800))
    for name in (layout.WEIGHTS, layout.DUPLICATES, layout.LEAKS, layout.RERUN_VARIANTS, layout.TRAINING_LOG):
        write_table(tmp_path / name, pd.DataFrame({"variant": ["a"]}))
    run = Run.open(tmp_path)
    with_train_counts(run, np.full(10, 5))
    run.meta |= {"spec": {"data": {"train": "train.csv"}}, "model": {"weight_sets": ["model", "ema"]}}
    assert missing(tuple(INPUTS), run) == ()


def test_a_run_of_weights_alone_lacks_everything_about_samples(tmp_path):
    run = make_run(tmp_path).run
    (tmp_path / layout.SAMPLES).unlink()
    assert {one.name for one in missing(("samples", "pictures", "clusters", "head"), Run.open(run.path))} == {
        INPUTS[code].name for code in ("samples", "pictures", "clusters")
    }
