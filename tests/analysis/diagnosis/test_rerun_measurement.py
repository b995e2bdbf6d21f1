"""What is said of re-runs: settings add up along the bases, and become lines that can be pasted."""

import json

import numpy as np
import pandas as pd

from analysis.diagnosis.checklist import predictions_of
from analysis.diagnosis.rerun_measurement import settings_of, snippet_of, variants_of, worth_of
from analysis.diagnosis.view import View
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run
from tests.planting import make_run

ROWS = (
    ("first", "normalization", "", {"mean": [0.5], "std": [0.5]}),
    ("second", "channels", "first", {"channels": "rgb", "mean": [0.1], "std": [0.5]}),
    ("third", "decoding", "second", {"conversion": "alpha on white"}),
)


def view_of(tmp_path, rows=ROWS):
    run = make_run(tmp_path, thumbnails=False).run
    table = pd.DataFrame([(v, a, b, json.dumps(s), v, 0.05) for v, a, b, s in rows],
                         columns=["variant", "axis", "base", "settings", "label", "worth"])  # fmt: skip
    write_table(run.path / layout.RERUN_VARIANTS, table)
    run = Run.open(run.path)
    rows = np.arange(len(run))
    return View(run=run, predictions=predictions_of(run), rows=rows, second=rows % 2 == 1)


def test_a_variant_stands_for_what_its_bases_changed_too(tmp_path):
    assert settings_of(view_of(tmp_path), "second") == {"mean": [0.1], "std": [0.5], "channels": "rgb"}


def test_lines_for_the_file_and_python_for_what_no_key_says(tmp_path):
    view = view_of(tmp_path)
    assert snippet_of(view, "first") == "[preprocessing]\nmean = [0.5]\nstd = [0.5]"
    assert snippet_of(view, "third").endswith('below, picture.convert("RGBA")).convert("RGB")')


def test_variants_of_another_base_stand_in_where_none_was_tried_on_this_one(tmp_path):
    view = view_of(tmp_path)
    assert list(variants_of(view, "normalization")["variant"]) == ["first"]
    assert list(variants_of(view, "channels")["variant"]) == ["second"]
    assert worth_of(view, "second") == 0.05
