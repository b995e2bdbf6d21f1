"""The page Examples: filters live in the link, the drawer opens from it, hostile names stay text."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.queries import runs
from app.queries.runs import RunKey
from tests.app.pages import open_page, words

pytestmark = pytest.mark.usefixtures("explored_root")


def _found(app: AppTest) -> str:
    return next(str(text.value) for text in app.markdown if "samples**" in str(text.value))


def test_everything_worst_first(full: RunKey) -> None:
    app = open_page("examples", run="full")
    wrong = int((~runs.column(full, "correct")).sum())
    assert not app.exception
    assert _found(app) == f"**720 samples**, {wrong} of them wrong"


def test_a_link_restores_its_filters(full: RunKey) -> None:
    app = open_page("examples", run="full", ex_outcome="Wrong", ex_label="#4", ex_sort="Entropy")
    mine = (runs.column(full, "label_index") == 4) & ~runs.column(full, "correct")
    assert _found(app).startswith(f"**{mine.sum()} samples**")
    assert app.selectbox(key="ex_sort").value == "Entropy"


def test_a_changed_filter_starts_on_the_first_page(full: RunKey) -> None:
    app = open_page("examples", run="full", ex_page=3)
    assert app.session_state["ex_page"] == 3
    app.text_input(key="ex_label").set_value("class").run()
    assert app.session_state["ex_page"] == 1


def test_links_from_other_pages_become_filters(full: RunKey) -> None:
    app = open_page("examples", run="full", cluster=0)
    assert app.selectbox(key="ex_cluster").value == "0"
    assert app.query_params["cluster"] in ("0", ["0"])  # stays, for Copy link to mean the same
    members = int((runs.column(full, "cluster") == 0).sum())
    assert _found(app).startswith(f"**{members} samples**")
    flagged = open_page("examples", run="full", finding="label_errors")
    assert "flagged by “Some labels are wrong”" in words(flagged)
    assert _found(flagged).startswith(f"**{len(runs.evidence(full, 'label_errors'))} samples**")


def test_a_changed_filter_replaces_what_the_link_named(full: RunKey) -> None:
    app = open_page("examples", run="full", cls=4)
    assert _found(app).startswith("**60 samples**")
    app.text_input(key="ex_label").set_value("#5").run()
    assert "cls" not in app.query_params
    assert _found(app).startswith(f"**{(runs.column(full, 'label_index') == 5).sum()} samples**")


@pytest.mark.parametrize(("kind", "value"), [("cls", "99"), ("cls", "x"), ("cluster", "77"), ("finding", "nothing")])
def test_unknown_objects_in_a_link_are_said_kindly(kind: str, value: str) -> None:
    app = open_page("examples", run="full", **{kind: value})
    assert not app.exception
    assert "which this run does not have" in words(app)


@pytest.mark.parametrize("value", ["-1", "999999", "abc", "<script>"])
def test_unknown_sample_in_a_link(value: str) -> None:
    app = open_page("examples", run="full", sample=value)
    assert not app.exception
    assert "which this run does not have" in words(app)
    assert "720 samples" in words(app)


def test_a_page_beyond_the_end_falls_back() -> None:
    app = open_page("examples", run="full", ex_page=9999)
    assert not app.exception
    assert "720 samples" in words(app)


def test_nothing_found_says_how_to_go_on() -> None:
    app = open_page("examples", run="full", ex_label="no such class")
    assert "No sample passes these filters" in words(app)
    assert "No class is called" in words(app)


def test_the_drawer_shows_one_sample(full: RunKey) -> None:
    sample_id = int((~runs.column(full, "correct")).argmax())
    app = open_page("examples", run="full", sample=sample_id)
    text = words(app)
    assert not app.exception
    assert "Largest logits" in text
    assert "neighbours carry the same label" in text
    assert str(runs.column(full, "filepath")[sample_id]) in text


def test_the_drawer_says_which_label_the_neighbours_carry(full: RunKey) -> None:
    index, _ = runs.neighbours(full)
    labels = runs.column(full, "label_index")
    lonely = int(np.flatnonzero((labels[index[:, :8]] != labels[:, None]).all(axis=1))[0])
    text = words(open_page("examples", run="full", sample=lonely))
    assert "0 of 8 neighbours carry the same label" in text
    assert "Most others carry" in text


def test_the_drawer_walks_to_the_next_sample(full: RunKey) -> None:
    worst = int(runs.column(full, "loss").argmax())
    app = open_page("examples", run="full", sample=worst)
    assert app.button(key="drawer_previous").disabled
    app.button(key="drawer_next").click().run()
    assert not app.exception
    second = int(runs.column(full, "loss").argsort()[-2])
    assert app.query_params["sample"] in (str(second), [str(second)])


def test_fixes_change_what_counts_as_wrong(full: RunKey) -> None:
    app = open_page("examples", run="full", ex_fixes="true")
    wrong = int((~runs.column(full, "correct_repaired")).sum())
    assert f"{wrong} of them wrong after the supported fixes" in words(app)


def test_names_are_never_markup(full: RunKey) -> None:
    hostile = int((runs.column(full, "label_index") == 2).argmax())
    app = open_page("examples", run="full", sample=hostile)
    markdown = "\n".join(str(element.value) for kind in (app.title, app.markdown, app.caption) for element in kind)
    assert "example" in markdown
    assert "![x](" not in markdown
    assert "http://" not in markdown


def test_a_run_without_pictures_and_neighbours() -> None:
    app = open_page("examples", run="bare", sample=0)
    assert not app.exception
    assert "keeps no picture" in words(app)
    assert "no neighbour graph" in words(app)


def test_no_group_filter_without_a_split() -> None:
    app = open_page("examples", run="nosplit")
    assert not app.exception
    assert "Label's group" not in [control.label for control in app.segmented_control]


def test_before_inference_has_finished(explored_root: Path) -> None:
    partial = explored_root / "partial"
    partial.mkdir()
    (partial / "run.json").write_bytes((explored_root / "full" / "run.json").read_bytes())
    try:
        for page in ("examples", "logits", "classes", "clusters"):
            app = open_page(page, run="partial")
            assert not app.exception
            assert "interrupted before it was computed" in words(app)
    finally:
        (partial / "run.json").unlink()
        partial.rmdir()
