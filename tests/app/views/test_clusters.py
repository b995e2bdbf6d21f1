"""The page Clusters: ranking, card, outline in the link, and what it says when there is nothing."""

import pytest

from app.queries import runs
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
