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


def test_fifty_findings_are_cards_lines_and_one_place_for_what_is_missing() -> None:
    app = open_page("checklist", run="whole")
    assert not app.exception
    lines = [button for button in app.button if button.key.startswith("open_")]
    assert len(lines) > 30
    assert all("\n" not in button.label for button in lines)
    text = _plain(app)
    assert "Opens 6 tests:" in text
    assert "Give `checkpoint` in [baseline] of investigation.toml." in text
    counts = app.table[0].value
    assert counts.iloc[-1].tolist()[:2] == ["**All**", "**5**"]


def test_a_line_opens_its_finding_and_the_link_names_it() -> None:
    app = open_page("checklist", run="whole")
    app.button(key="open_index_offset").click().run()
    assert app.query_params["finding"] == "index_offset"
    assert "Explained by" in words(app)


def test_an_opened_finding_tells_fix_source_counterfactual_and_look_alikes() -> None:
    app = open_page("checklist", run="whole", finding="index_map_scrambled")
    text = _plain(app)
    assert app.code[0].value == "order = [1, 0]"
    assert "Source of the test: Kuhn 1955" in text
    assert "Fitted on one half of the samples" in text
    assert "**Index offset** *explained by this one*" in text
    assert "**Labels are wrong** *is there as well*" in text


def test_the_picture_that_convinces_is_drawn_and_an_unknown_table_is_a_table() -> None:
    app = open_page("checklist", run="whole", finding="logit_group_bias")
    assert "Accuracy as the correction is turned up and down" in _plain(app)
    assert len(app.get("plotly_chart")) == 1
    odd = app.dataframe[1].value
    assert odd.to_dict("list") == {"Some thing": ["<b>x</b>", "*y*"], "Share of it": ["25.0 %", "50.0 %"]}
    assert "Not excluded, because an input is missing:" in _plain(app)


def test_pairs_stand_side_by_side() -> None:
    app = open_page("checklist", run="whole", finding="failure_cluster")
    body = app.get("html")[0].proto.body
    assert body.count("<img") == 10
    assert "labels differ" in body
    assert "leaf &lt;b&gt;" in body


def test_variants_are_shown_as_the_network_sees_them() -> None:
    app = open_page("checklist", run="whole", finding="preproc_channel_order")
    body = app.get("html")[0].proto.body
    assert body.count("<img") == 4, "two samples, as it was and under one variant"
    assert "/api/runs/whole/reruns/channels-rgb-87.5/3?" in body
    assert "channels in &lt;i&gt;RGB&lt;/i&gt; order: 80 % right" in body
    assert "odd" not in body


def test_an_untested_finding_says_where_the_input_goes() -> None:
    text = _plain(open_page("checklist", run="whole", finding="tail_classes"))
    assert "What is missing:** the number of training images of each class" in text
    assert "Give `train` in [data] of investigation.toml." in text
