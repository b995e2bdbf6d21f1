"""The report: complete, self-contained, and nothing of a run becomes markup."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from analysis.errors import RunError
from analysis.exports.ladder_svg import ladder_svg
from analysis.exports.pictures import LARGEST
from analysis.exports.report import html_report
from analysis.exports.report_sections import verdict
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run
from tests.analysis.exports.conftest import finding
from tests.planting import Planted, make_run


class _Reader(HTMLParser):
    """Tags that stay open, addresses, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "xlink:href")]
        if tag not in ("meta", "img", "br", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _parsed(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_everything_is_there_and_nothing_comes_from_outside(planted: Planted) -> None:
    page = html_report(planted.run)
    reader = _parsed(page)
    text = "".join(reader.text)
    for words in (
        "A planted run", "Main cause: A group <b>fails</b>. 80.0 % right now, at most 85.0 % if this were undone.",
        "excess errors: 38.25 samples (threshold 5), n = 50", "Look at them.", "70 of 80 wrong, 8.0 expected",
        "Not tested",
    ):  # fmt: skip
        assert words in text
    assert len(reader.addresses) > 10
    assert all(address.startswith("data:image/png;base64,") for address in reader.addresses)
    assert "url(" not in page
    assert "@import" not in page


def test_names_of_classes_are_text(planted: Planted) -> None:
    page = html_report(planted.run)
    reader = _parsed(page)
    assert not {"script", "i"} & reader.tags
    assert "<script>alert(1)</script>" in "".join(reader.text)
    assert "<i>1</i>" in "".join(reader.text)


def test_a_bare_run_still_gives_a_report(planted: Planted) -> None:
    for name in (layout.CLASSES, layout.CLUSTERS, layout.THUMBNAIL_INDEX):
        (planted.run.path / name).unlink()
    reader = _parsed(html_report(type(planted.run).open(planted.run.path)))
    assert "This run has no clusters." in reader.text
    assert "no picture" in reader.text


def test_clusters_that_fail_no_more_than_expected_are_not_shown(planted: Planted) -> None:
    clusters = planted.run.clusters
    write_table(planted.run.path / layout.CLUSTERS, clusters[clusters["excess_low"] == 0])
    text = "".join(_parsed(html_report(type(planted.run).open(planted.run.path))).text)
    assert "No group fails more often than its classes do elsewhere." in text
    assert "Cluster 0" not in text


def test_without_a_diagnosis_there_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"has no findings\.json"):
        html_report(make_run(tmp_path).run)


def test_verdict_sentences() -> None:
    block = {
        "accuracy": {"overall": 0.59},
        "leading": "x",
        "findings": [finding(id="x", lane="gain", title="Bias is off")],
    }
    assert verdict(block) == (
        "Main cause: Bias is off. 59.0 % right now, 85.0 % if this were undone "
        "(gain +4.0 to +6.0 points, 95 % interval)."
    )
    assert verdict({**block, "leading": "no_fault"}).startswith("No fault found")
    assert verdict({**block, "accuracy": {"overall": None}}) == "Main cause: Bias is off."


def test_a_rung_is_drawn_from_the_one_before() -> None:
    today, bound = {"label": "Today", "accuracy": 0.5}, {"label": "a<b", "accuracy": 0.75, "at_most": True, "id": "ab"}
    drawn = ladder_svg([today, bound, {"label": "Rest", "accuracy": 1.0, "at_most": True, "id": None}])
    assert 'class="today" x="300.0" y="6" width="210.0"' in drawn
    assert 'class="bound" x="510.0" y="36" width="105.0"' in drawn
    assert "a&lt;b" in drawn
    assert ">≤ 75.0 %<" in drawn
    assert ">100.0 %<" in drawn
    assert ladder_svg([]) == ""


def test_a_picture_too_large_to_mail_is_left_out(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "thumbnail", lambda run, sample_id: b"\x89PNG" + bytes(LARGEST))
    assert "data:image" not in html_report(planted.run)
    monkeypatch.setattr(Run, "thumbnail", lambda run, sample_id: b"\x89PNG" + bytes(LARGEST - 4))
    report = html_report(planted.run)
    assert 0 < report.count("data:image") <= 100
    assert len(report) < 100 * LARGEST * 4 / 3 + 1_000_000


def test_the_report_names_files_without_this_machines_folders(planted: Planted) -> None:
    planted.run.meta["spec"] = {
        "model": {"checkpoint": "/secret/place/last.pth", "architecture": "timm/resnet50"},
        "data": {"validation": "/secret/val.csv"},
    }
    report = html_report(planted.run)
    assert "/secret" not in report
    assert all(words in report for words in ("last.pth", "timm/resnet50", "val.csv"))
