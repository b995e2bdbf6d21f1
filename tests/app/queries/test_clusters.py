"""Members, counter-examples and errors of a cluster."""

import numpy as np
import pytest

from app.queries import clusterings, clusters, runs
from app.queries.clusterings import Shown
from app.queries.runs import RunKey


def _shown(key: RunKey) -> Shown:
    found = clusterings.shown(key)
    assert found is not None
    return found


@pytest.mark.parametrize("repaired", [False, True])
def test_members_wrong_ones_first_then_by_loss(full: RunKey, repaired: bool) -> None:
    ids = clusters.members(full, _shown(full), 0, repaired=repaired)
    assert set(ids) == set(np.flatnonzero(runs.column(full, "cluster") == 0))
    right = runs.column(full, "correct_repaired" if repaired else "correct")[ids]
    assert (np.diff(right.astype(int)) >= 0).all()
    for part in (ids[right], ids[~right]):
        assert (np.diff(runs.column(full, "loss")[part]) <= 0).all()


def test_only_a_bound_above_zero_is_an_excess(full: RunKey, bare: RunKey) -> None:
    assert (clusters.excessive(_shown(full))["excess_low"] > 0).all()
    assert clusters.excessive(_shown(bare)).empty


def test_counter_examples_are_correct_neighbours_of_errors(full: RunKey) -> None:
    near, similarity = clusters.counter_examples(full, _shown(full), 0, repaired=False)
    assert len(near) > 0
    assert runs.column(full, "correct")[near].all()
    assert (np.diff(similarity) <= 0).all()
    wrong = [i for i in clusters.members(full, _shown(full), 0, repaired=False) if not runs.column(full, "correct")[i]]
    assert set(near.tolist()) <= set(runs.neighbours(full)[0][wrong].ravel().tolist())


def test_none_without_a_graph(bare: RunKey) -> None:
    near, similarity = clusters.counter_examples(bare, _shown(bare), 0, repaired=False)
    assert len(near) == len(similarity) == 0


def test_confusions_of_some_samples_add_up(full: RunKey) -> None:
    ids = clusters.members(full, _shown(full), 0, repaired=False)
    wrong = int((~runs.column(full, "correct")[ids]).sum())
    assert clusters.confused_as(full, ids, repaired=False, limit=99)["count"].sum() == wrong


def test_unknown_cluster_is_none(full: RunKey, bare: RunKey) -> None:
    assert _shown(full).row(77) is None
    assert _shown(bare).row(0) is None


def test_what_is_in_no_cluster_is_counted(full: RunKey) -> None:
    found = clusters.noise(full, _shown(full), repaired=False)
    outside = runs.column(full, "cluster") < 0
    wrong = ~runs.column(full, "correct")
    assert (found.size, found.errors) == (outside.sum(), (outside & wrong).sum())
    assert found.rate_elsewhere == pytest.approx(wrong[~outside].mean())


def test_other_clusters_come_nearest_first(full: RunKey, bare: RunKey) -> None:
    assert clusters.nearest_first(full, _shown(full), 0) == [1]
    assert clusters.nearest_first(bare, _shown(bare), 0) == []
