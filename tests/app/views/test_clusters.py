"""The page Clusters: ranking, card, outline in the link, and what it says when there is nothing."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import people
from app.queries import clusterings, clusters, filters, jobs, runs, slices, views
from app.queries.runs import RunKey
from tests.app.pages import open_page, words

pytestmark = pytest.mark.usefixtures("explored_root")


def test_the_first_ranked_cluster_is_open(full: RunKey) -> None:
    app = open_page("clusters", run="full")
    first = runs.clusters(full).iloc[0]
    assert not app.exception
    assert f"{first['errors']} of {first['size']} samples are wrong" in words(app)
    assert "Counter-examples" in words(app)


def test_a_link_opens_its_cluster(full: RunKey) -> None:
    app = open_page("clusters", run="full", cluster=1)
    assert "Cluster 1:" in words(app)


@pytest.mark.parametrize("value", ["77", "-1", "x"])
def test_an_unknown_cluster_in_a_link(value: str) -> None:
    app = open_page("clusters", run="full", cluster=value)
    assert not app.exception
    assert "which this run does not have" in words(app)


@pytest.mark.parametrize(("today", "column"), [("false", "correct_repaired"), ("true", "correct")])
def test_an_outline_in_the_link_counts_what_lies_inside(full: RunKey, today: str, column: str) -> None:
    app = open_page("clusters", run="full", area="-99_-99_99_-99_99_99_-99_99", clu_today=today)
    wrong = int((~runs.column(full, column)).sum())
    assert f"{wrong} of 720 samples are wrong" in words(app)


def test_an_outline_around_nothing() -> None:
    assert "Your selection is empty" in words(open_page("clusters", run="full", area="90_90_91_90_91_91"))


def test_an_outline_that_is_none() -> None:
    app = open_page("clusters", run="full", area="1_2_three")
    assert not app.exception
    assert "outline in this link cannot be read" in words(app)


def test_without_embeddings_it_says_why() -> None:
    app = open_page("clusters", run="bare")
    assert not app.exception
    assert "It needs embeddings" in words(app)


def test_before_the_clusters_are_computed() -> None:
    app = open_page("clusters", run="nosplit")
    assert not app.exception
    assert "interrupted before it was computed" in words(app)


def test_the_filter_above_chooses_which_members_are_shown() -> None:
    app = open_page("clusters", run="full", cluster=0, where="correct = false")
    assert "that pass the filter, of" in words(app)


def test_a_link_to_a_merged_cluster_opens_what_it_went_to(
    full: RunKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    shown = clusterings.shown(full)
    assert shown is not None
    clusters.merge(full, shown, 0, (1,))
    app = open_page("clusters", run="full", cluster=1)
    assert not app.exception
    assert "Cluster 0:" in words(app)
    assert "Cluster 1 was merged into this one" in app.info[0].value
    assert "Undo: merged" in words(app)


def test_a_clustering_that_is_not_here() -> None:
    app = open_page("clusters", run="full", clustering="all-map-leaf-99")
    assert not app.exception
    assert "which this run does not have" in words(app)


def test_who_may_only_look_cannot_change_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "current", lambda: people.Person(name="v", role=people.Role.VIEWER))
    app = open_page("clusters", run="full")
    assert not app.exception
    buttons = {button.label: button for button in app.button}
    assert buttons["Split in two"].disabled
    assert buttons["Hide"].disabled
    assert buttons["Start"].disabled


def test_a_split_is_one_click_and_one_click_back(full: RunKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    app = open_page("clusters", run="full", cluster=0)
    app.button(key="clu_split").click().run()
    assert not app.exception
    shown = clusterings.shown(full)
    assert shown is not None
    assert set(shown.table["cluster"]) == {0, 1, 2}
    app.button(key="clu_undo").click().run()
    assert "edited by people" not in words(app)


def test_clusters_are_found_anew_by_a_job(full: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(jobs, "start_on_run", lambda run, **options: asked.append((run, options)))
    app = open_page("clusters", run="full")
    next(one for one in app.number_input if one.label == "Smallest size").set_value(20)
    next(one for one in app.radio if one.label == "Groups").set_value("leaf")
    next(button for button in app.button if button.label == "Start").click().run()
    assert not app.exception
    (run, options), *more = asked
    assert not more
    assert (run, options["kind"]) == (full.id, "recluster")
    command = options["command"]
    assert command[0] == "recluster"
    assert command[command.index("--min-size") + 1] == "20"
    assert command[command.index("--method") + 1] == "leaf"


def test_an_edited_cluster_opens_in_examples(full: RunKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    shown = clusterings.shown(full)
    assert shown is not None
    text = filters.of_cluster("", 0)
    before = filters.passing(full, text)
    clusters.merge(full, shown, 0, (1,))
    after = filters.passing(full, text)
    assert set(after) == set(np.flatnonzero(np.isin(runs.column(full, "cluster"), [0, 1]))) > set(before)
    app = open_page("clusters", run="full", cluster=0)
    _press(app, "Open in Examples")
    assert f"**{len(after)} samples**" in words(app)


@pytest.mark.parametrize("told", ["run/77", "run/x", "run", "../x/1", "/", "nothing/0"])
def test_no_such_cluster_in_an_expression(full: RunKey, told: str) -> None:
    found = filters.answer(full, f'in_cluster("{told}")')
    assert found.error is not None
    assert "There is no cluster" in found.error.message


def test_with_a_filter_the_ranking_says_what_it_is_of(full: RunKey) -> None:
    app = open_page("clusters", run="full", where="not correct", clu_table="true")
    assert "ranked over all samples" in words(app)
    table = next(one.value for one in app.dataframe if "passing" in one.value)
    wrong = ~runs.column(full, "correct")
    first = table.iloc[0]
    assert first["passing"] == (wrong & (runs.column(full, "cluster") == first["cluster"])).sum()


def test_a_selection_is_saved_as_a_slice_and_that_is_taken_back(
    full: RunKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    app = open_page("clusters", run="full", area="-1_-1_1_-1_1_1_-1_1", where="not correct")
    app.text_input(key="clu_keep_name").input("around the middle")
    _press(app, "Save", "clu_keep")
    kept = '(not correct) and inside("-1_-1_1_-1_1_1_-1_1")'
    assert [(item.subject, item.value["where"]) for item in slices.saved(full)] == [("around the middle", kept)]
    assert len(slices.members(full, kept))
    _press(app, "Undo: saved slice “around the middle”")
    assert not slices.saved(full)
    assert "Undo: saved" not in words(app)


def test_a_selection_is_saved_as_a_view(full: RunKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    app = open_page("clusters", run="full", area="-1_-1_1_-1_1_1_-1_1", clu_colour="camera")
    app.radio(key="clu_keep_as").set_value("View")
    app.text_input(key="clu_keep_name").input("the middle")
    _press(app, "Save", "clu_keep")
    (view,) = views.views(full)
    assert view.address.startswith("/clusters?run=full&")
    assert "area=-1_-1_1_-1_1_1_-1_1" in view.address
    assert "clu_colour=camera" in view.address
    _press(app, "Save", "clu_keep")
    assert "Give the view a name" in words(app)


def _press(app: AppTest, label: str, form: str = "") -> None:
    next(one for one in app.button if one.label == label and one.proto.form_id == form).click().run()
    assert not app.exception
