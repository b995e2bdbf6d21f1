"""The page Logits: the sentence about the offset, and what it says without a split or a head."""

import pytest

from app.queries import runs
from app.queries.bias_sweep import bias_sweep
from app.queries.runs import RunKey
from app.widgets.text import percent
from tests.app.pages import open_page, words

pytestmark = pytest.mark.usefixtures("explored_root")


def test_the_sentence_gives_the_offset_and_what_it_changes(full: RunKey) -> None:
    app = open_page("logits", run="full")
    sweep = bias_sweep(full)
    assert not app.exception
    assert f"Subtracting {-sweep.best:.1f} from new logits would give {percent(sweep.then['overall'])}" in words(app)
    assert app.metric[0].value == percent(runs.column(full, "correct").mean())


def test_another_leading_cause_is_named() -> None:
    app = open_page("logits", run="full")
    links = [str(link.proto.label) for link in app.get("page_link")]
    assert any("another cause first: Some labels are wrong" in link for link in links)


def test_without_an_old_list_it_says_so_and_shows_all_classes() -> None:
    app = open_page("logits", run="nosplit")
    text = words(app)
    assert not app.exception
    assert "this run was given none" in text
    assert "Which logits do the samples get?" in text
    assert not app.metric


def test_filters_stand_in_the_link() -> None:
    app = open_page("logits", run="full", log_measure="Margin", log_outcome="Wrong")
    assert not app.exception
    assert "Right of 0 the sample is correct" in words(app)


def test_without_a_head_it_says_why() -> None:
    app = open_page("logits", run="bare")
    assert not app.exception
    assert "compiled programs hide it" in words(app)
