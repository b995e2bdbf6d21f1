"""The filter box above every page: in the link, said when wrong, and quiet where a page is about all samples."""

import pytest
from streamlit.testing.v1 import AppTest

from app.queries import filters, slices
from app.queries.runs import RunKey
from tests.app.pages import open_page, words

pytestmark = pytest.mark.usefixtures("explored_root")


def test_a_link_filters_the_gallery(full: RunKey) -> None:
    app = open_page("examples", run="full", where='label = "class 004" and loss > 2')
    many = len(filters.passing(full, 'label = "class 004" and loss > 2'))
    assert not app.exception
    assert f"**{many}** of 720 samples pass" in words(app)
    assert f"**{many} samples**, {many} of them wrong" in words(app)


def test_what_is_wrong_is_said_with_its_place() -> None:
    app = open_page("examples", run="full", where='labl = "x" and loss > 2')
    assert not app.exception
    assert "Did you mean label?" in words(app)
    assert [str(code.value) for code in app.code] == ['labl = "x" and loss > 2\n^^^^']
    assert "**720 samples**" in words(app)


@pytest.mark.parametrize(
    "hostile",
    [
        "1; drop table samples",
        '" or ""="',
        'label = "x" union select * from x --\'',
        "<script>alert(1)</script>",
        "__import__('os').system('x')",
        "(" * 400,
        "not " * 400 + "correct",
        'label = "\\u0000"',
        "\x00\u202e",
        "![x](http://example.invalid/x.png)",
        "`" * 99,
    ],
)
def test_hostile_expressions_are_text(hostile: str) -> None:
    app = open_page("examples", run="full", where=hostile)
    assert not app.exception
    assert "Examples" in words(app)
    assert "![x](http" not in words(app)
    assert "<script>" not in words(app)


def test_a_value_that_nobody_has_is_a_remark() -> None:
    app = open_page("examples", run="full", where='camera = "Phone"')
    assert "No sample has camera" in words(app)
    assert "Nearest" in words(app)
    assert "No sample passes these filters" in words(app)


def test_a_change_starts_on_the_first_page_and_is_remembered() -> None:
    app = open_page("examples", run="full", ex_page=3)
    app.text_input(key="where").set_value("loss > 0.01").run()
    assert app.session_state["ex_page"] == 1
    app.text_input(key="where").set_value("").run()
    app.session_state["where_slices"] = True
    app.run()
    app.button(key="recent_0").click().run()
    assert not app.exception
    assert app.text_input(key="where").value == "loss > 0.01"


def _opened(page: str) -> AppTest:
    return open_page(page, run="full", where="loss > 2")


@pytest.mark.parametrize("page", ["overview", "checklist"])
def test_pages_about_all_samples_say_so(page: str) -> None:
    app = _opened(page)
    assert not app.exception
    assert "This page is about all samples" in words(app)


@pytest.mark.parametrize("page", ["logits", "classes", "clusters", "runs"])
def test_every_page_has_the_box(page: str) -> None:
    app = _opened(page)
    assert not app.exception
    assert app.text_input(key="where").value == "loss > 2"


def test_a_filter_gets_a_name_and_is_picked_by_it(full: RunKey) -> None:
    app = open_page("examples", run="full", where="loss > 2")
    app.session_state["where_slices"] = True
    app.run()
    app.text_input(key="where_name").set_value("Very wrong")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    assert [item.value["where"] for item in slices.saved(full)] == ["loss > 2"]
    other = open_page("examples", run="full")
    other.session_state["where_slices"] = True
    other.run()
    other.button(key="saved_0").click().run()
    assert other.text_input(key="where").value == "loss > 2"
    slices.forget(full, "Very wrong")


def test_a_filter_that_no_address_holds_is_given_back_and_the_one_before_stays() -> None:
    app = open_page("examples", run="full", where="loss > 2")
    names = ", ".join(f'"猫の写真 {number}"' for number in range(1_000))
    app.text_input(key="where").set_value(f"label in ({names})").run()
    assert not app.exception
    assert app.text_input(key="where").value == "loss > 2"
    assert app.query_params["where"] in ("loss > 2", ["loss > 2"])
    assert "45,000 is the most" in words(app)
    assert f"label in ({names})" in [str(code.value) for code in app.code]
    app.text_input(key="where").set_value("loss > 3").run()
    assert "45,000 is the most" not in words(app)


def test_the_longest_filter_of_plain_words_is_taken() -> None:
    app = open_page("examples", run="full")
    numbers = ", ".join(str(number) for number in range(1_300))
    app.text_input(key="where").set_value(f"width in ({numbers})").run()
    assert "45,000 is the most" not in words(app)
    assert "samples pass" in words(app)
