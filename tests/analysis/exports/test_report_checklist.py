"""The checklist in the report: fix with its code, small tables, look-alikes, what more inputs make possible."""

from pathlib import Path

import pandas as pd

from analysis.exports.report_checklist import SMALL_ROWS, checklist
from analysis.runs import layout
from tests.app.checklists import finding
from tests.planting import make_run

FINDINGS = [
    finding("index_offset", title="Off <b>by</b> one", verdict="supported",
            look_alikes=["label_errors", "tail_classes"], snippet='names = ["<i>a</i>"]\n', gain=0.4),
    finding("label_errors", title="Labels are wrong", summary="0 labels disagree."),
    finding("tail_classes", title="Few pictures", verdict="not_testable", needs=["counts"],
            how_to_add=["Give `train` in [data]."]),
    finding("class_prior_bias", title="Frequent classes", verdict="not_testable", needs=["counts"],
            how_to_add=["Give `train` in [data]."]),
]  # fmt: skip


def test_a_supported_finding_brings_its_code_as_text_and_tells_look_alikes(tmp_path: Path) -> None:
    page = checklist(make_run(tmp_path, per_class=5).run, FINDINGS)
    assert "<pre><code>names = [&quot;&lt;i&gt;a&lt;/i&gt;&quot;]</code></pre>" in page
    assert "Labels are wrong: excluded." in page
    assert "Not excluded, because an input is missing: Few pictures." in page
    assert "<b>by</b>" not in page


def test_what_lacks_the_same_input_is_told_once(tmp_path: Path) -> None:
    page = checklist(make_run(tmp_path, per_class=5).run, FINDINGS)
    assert page.count("Give `train` in [data].") == 1
    assert "Then: Few pictures, Frequent classes." in page


def test_small_tables_are_in_the_report_and_large_ones_are_not(tmp_path: Path) -> None:
    planted = make_run(tmp_path, per_class=5)
    folder = planted.run.path / layout.EVIDENCE / "index_offset"
    folder.mkdir(parents=True)
    pd.DataFrame({"first_name": ["<u>a</u>"], "offset": [1]}).to_parquet(folder / "moves.parquet")
    pd.DataFrame({"offset": range(SMALL_ROWS + 1)}).to_parquet(folder / "offsets.parquet")
    page = checklist(planted.run, FINDINGS)
    assert "<p><b>Moves</b></p><table>" in page
    assert "&lt;u&gt;a&lt;/u&gt;" in page
    assert "Offsets" not in page
