"""People's words in the report: signed, named, and never markup."""

from pathlib import Path

import pytest

from analysis.exports.report_said import said
from analysis.investigations.item import Item
from analysis.runs.run import Run
from tests.app.checklists import faulty, write_clusters, write_findings
from tests.planting import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    path: Path = tmp_path_factory.mktemp("said") / "run"
    make_run(
        path, per_class=20, permute=0.6, new_bias=3.0, class_names=[f"leaf <b>{number}</b>" for number in range(10)]
    )
    write_findings(path, faulty())
    write_clusters(path)
    return Run.open(path)


def _item(kind: str, subject: str, **value: object) -> Item:
    return Item(run="r", kind=kind, subject=subject, value=value, version=1, author="ada <i>", at=1e9)


def test_nobody_said_anything(run: Run) -> None:
    assert said(run, [_item("triage", "3", tags=["x"])]) == ""


def test_verdicts_are_a_table_with_the_findings_titles(run: Run) -> None:
    html = said(run, [_item("verdict", "index_map_scrambled", state="dismissed", reason="<script>", assignee="bob")])
    assert "<td>Class indices are scrambled</td><td>dismissed</td><td>&lt;script&gt;</td><td>bob</td>" in html
    assert "ada &lt;i&gt;, 2001-09-09" in html


@pytest.mark.parametrize(
    ("subject", "about"),
    [
        ("class:3", "Class leaf &lt;b&gt;3&lt;/b&gt;"), ("class:99", "class:99"), ("sample:0", "Sample "),
        ("finding:label_errors", "Labels are wrong"), ("<b>", "&lt;b&gt;"), ("cluster:0", "Cluster 0: "),
        ("class:²", "class:²"), ("sample:-1", "sample:-1"),
    ],
)  # fmt: skip
def test_a_note_stands_under_what_it_is_about(run: Run, subject: str, about: str) -> None:
    html = said(run, [_item("note", subject, text="**why** <img src=x>")])
    assert f"<h3>{about}" in html
    assert "<strong>why</strong> &lt;img src=x&gt;" in html


def test_odd_values_and_times_are_no_error(run: Run) -> None:
    item = Item(run="r", kind="note", subject="class:1", value={"text": 5}, version=1, author="ada", at=1e300)
    assert "ada, some day" in said(run, [item])
