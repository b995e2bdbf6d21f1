"""The page Checklist: filters in the link, one finding in the link, evidence, explained by, calm."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.pages import open_page, words

pytestmark = pytest.mark.usefixtures("shell_root", "no_processes")


def _plain(app: AppTest) -> str:
    return words(app).replace("\\", "")


def test_what_was_found_stands_first_and_the_rest_under_its_chapter() -> None:
    app = open_page("checklist", run="faulty")
    assert [header.value for header in app.subheader] == [
        "Found", "Head", "Backbone", "Data", "Shift between training and validation",
        "What you could test with more inputs",
    ]  # fmt: skip
    for title in ("Class indices are scrambled", "Pictures are damaged", "Rows of the head are dead", "The odd one"):
        assert title in _plain(app)


def test_a_link_with_filters_shows_only_what_passes() -> None:
    app = open_page("checklist", run="faulty", chk_verdict="Not tested")
    text = _plain(app)
    assert "Rows of the head are dead" in text
    assert "**Class indices are scrambled**" not in text
    assert app.query_params["chk_verdict"] == "Not tested"


def test_two_filters_that_share_nothing_say_so() -> None:
    app = open_page("checklist", run="faulty", chk_verdict="Test failed", chk_chapter="Head")
    assert "No finding matches these filters" in words(app)


def test_an_unknown_filter_is_dropped() -> None:
    app = open_page("checklist", run="faulty", chk_verdict="Nonsense")
    assert "**Class indices are scrambled**" in _plain(app)


def test_a_finding_in_the_link_stands_alone_with_its_pictures() -> None:
    app = open_page("checklist", run="faulty", finding="label_errors")
    text = _plain(app)
    assert "**Labels are wrong**" in text
    assert "**Class indices are scrambled**" not in text
    assert "at most +4.0 points" in text
    assert "The 24 strongest of 30 samples" in text
    assert app.get("html")[0].proto.body.count("<img") == 24
    app.button(key="whole_checklist").click().run()
    assert "**Class indices are scrambled**" in _plain(app)
    assert "finding" not in app.query_params


def test_an_unknown_finding_in_the_link_is_answered_kindly() -> None:
    app = open_page("checklist", run="faulty", finding="<b>*x*")
    assert "which this run does not have" in words(app)
    assert "“<b>*x*”" in _plain(app)


def test_evidence_holds_value_against_threshold() -> None:
    table = open_page("checklist", run="faulty", finding="index_map_scrambled").table[0].value
    assert table.iloc[0].str.replace("\\", "").tolist() == ["matched accuracy", "30.0 %", "50.0 %", "400"]


def test_no_fault_is_calm_and_lists_what_was_tested() -> None:
    app = open_page("checklist", run="healthy")
    assert "No fault found" in app.title[0].value
    assert "Of 4 possible causes tested" in _plain(app)


def test_before_the_diagnosis_there_is_nothing_to_list() -> None:
    assert "The checklist is missing" in words(open_page("checklist", run="begun"))
