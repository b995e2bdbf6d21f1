"""Members, counter-examples and errors of a cluster."""

import numpy as np

from app.queries import clusters, runs
from app.queries.runs import RunKey


def test_members_worst_first(full: RunKey) -> None:
    ids = clusters.members(full, 0)
    assert set(ids) == set(np.flatnonzero(runs.column(full, "cluster") == 0))
    assert (np.diff(runs.column(full, "loss")[ids]) <= 0).all()


def test_counter_examples_are_correct_neighbours_of_errors(full: RunKey) -> None:
    near, similarity = clusters.counter_examples(full, 0)
    assert len(near) > 0
    assert runs.column(full, "correct")[near].all()
    assert (np.diff(similarity) <= 0).all()
    wrong = [i for i in clusters.members(full, 0) if not runs.column(full, "correct")[i]]
    assert set(near.tolist()) <= set(runs.neighbours(full)[0][wrong].ravel().tolist())


def test_none_without_a_graph(bare: RunKey) -> None:
    near, similarity = clusters.counter_examples(bare, 0)
    assert len(near) == len(similarity) == 0


def test_confusions_of_some_samples_add_up(full: RunKey) -> None:
    ids = clusters.members(full, 0)
    wrong = int((~runs.column(full, "correct")[ids]).sum())
    assert clusters.confused_as(full, ids, 99)["count"].sum() == wrong


def test_unknown_cluster_is_none(full: RunKey, bare: RunKey) -> None:
    assert clusters.cluster(full, 77) is None
    assert clusters.cluster(bare, 0) is None
