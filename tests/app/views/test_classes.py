"""The page Classes: table, confusions, one class."""

import pytest

from app.queries import runs
from app.queries.runs import RunKey
from tests.app.pages import open_page, words
from tests.exploring import HOSTILE

pytestmark = pytest.mark.usefixtures("explored_root")


def test_the_table_starts_with_the_most_errors(full: RunKey) -> None:
    app = open_page("classes", run="full")
    frame = runs.classes(full)
    worst = (frame["support"] - frame["correct"]).idxmax()
    assert not app.exception
    assert app.dataframe[0].value["class_index"].iloc[0] == worst
    assert "12 classes" in words(app)


def test_search_and_group_come_from_the_link(full: RunKey) -> None:
    app = open_page("classes", run="full", cls_text="class", cls_group="New")
    shown = app.dataframe[0].value
    assert set(shown["group"]) == {"new"}
    assert shown["name"].str.contains("class").all()


def test_a_hostile_search_finds_nothing_and_stays_text() -> None:
    app = open_page("classes", run="full", cls_text="![x](http://example.invalid/y.png)")
    assert not app.exception
    assert "![x](http" not in words(app)
    assert "No class matches" in words(app)


def test_without_a_split_there_is_no_group_column() -> None:
    app = open_page("classes", run="nosplit")
    assert "group" not in app.dataframe[0].value.columns


def test_confusions_show_pairs_and_the_matrix() -> None:
    app = open_page("classes", run="full", cls_view="Confusions", cls_block="Old → new")
    assert not app.exception
    text = words(app)
    assert "Where the samples of each group go" in text
    assert "Matrix of the most confused classes" in text


def test_confusions_without_a_split() -> None:
    app = open_page("classes", run="nosplit", cls_view="Confusions")
    assert not app.exception
    assert "not split into old and new" in words(app)


@pytest.mark.parametrize("index", range(len(HOSTILE)))
def test_one_class_with_a_hostile_name(index: int) -> None:
    app = open_page("classes", run="full", cls=index)
    text = words(app)
    assert not app.exception
    assert HOSTILE[index] not in text
    assert "Who takes its samples" in text
    assert "Its worst samples" in text


@pytest.mark.parametrize("value", ["-1", "12", "1e3", "class 004"])
def test_an_unknown_class_in_a_link(value: str) -> None:
    app = open_page("classes", run="full", cls=value)
    assert not app.exception
    assert "which this run does not have" in words(app)


def test_the_way_back_to_all_classes() -> None:
    app = open_page("classes", run="full", cls=4)
    next(button for button in app.button if button.label == "All classes").click().run()
    assert not app.exception
    assert "cls" not in app.query_params
    assert app.dataframe


def test_one_class_tells_how_the_network_sees_it() -> None:
    app = open_page("classes", run="full", cls=4)
    text = words(app)
    assert "Closest rows in the head" in text
    assert "What its samples lie next to" in text
    assert "the same as that of all other 7 old classes" in text  # planted rows are all of one length
    assert {"Recall", "Shrunk recall"} <= {metric.label for metric in app.metric}


def test_one_class_of_a_bare_run() -> None:
    app = open_page("classes", run="bare", cls=4)
    assert not app.exception
    assert "keeps no row of the last layer" in words(app)


def test_the_matrix_by_a_level_of_the_hierarchy() -> None:
    app = open_page("classes", run="full", cls_view="Confusions", cls_level="Level 2")
    assert not app.exception
    assert "3 groups" in words(app)
    assert "of all errors stay within their group" in words(app)
    assert "name a file of class → parent" in words(open_page("classes", run="nosplit", cls_view="Confusions")).replace(
        "\\", ""
    )


def test_the_filter_of_the_link_counts(full: RunKey) -> None:
    where = 'camera = "phone"'
    app = open_page("classes", run="full", where=where)
    assert app.dataframe[0].value["support"].sum() == (runs.column(full, "camera") == "phone").sum()
    whole = open_page("classes", run="full", where="los > 2")  # wrong: the box says so, nothing is filtered
    assert whole.dataframe[0].value["support"].sum() == 720
    nobody = open_page("classes", run="full", where="loss > 1e9", cls_view="Confusions")
    assert not nobody.exception
    assert "No sample was taken for another class" in words(nobody)
