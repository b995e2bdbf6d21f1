"""Where the map's points are, and how far they can be believed."""

import numpy as np

from app.queries import points, runs
from app.queries.runs import RunKey


def test_all_points_lie_within_the_bounds(full: RunKey) -> None:
    xy, (left, bottom, right, top) = points.places(full), points.bounds(full)
    assert xy is not None
    assert np.array_equal(xy.min(axis=0), np.float32([left, bottom]))
    assert np.array_equal(xy.max(axis=0), np.float32([right, top]))
    assert points.unplaced(full) == 0


def test_without_a_projection_there_are_no_places(bare: RunKey) -> None:
    assert points.places(bare) is None
    assert points.unplaced(bare) == runs.size(bare)
    assert not points.torn(bare).any()


def test_trust_is_of_every_sample(full: RunKey) -> None:
    found = points.trustworthiness(full)
    assert found is not None
    overall, of_sample, references = found
    assert references == len(of_sample) == runs.size(full)
    assert overall == np.float32(of_sample.mean()).round(6) or abs(overall - of_sample.mean()) < 1e-5
    assert np.array_equal(points.torn(full), of_sample < points.TORN)


def test_neighbours_are_those_of_the_graph(full: RunKey) -> None:
    graph = runs.neighbours(full)
    assert graph is not None
    assert points.neighbours(full, 3).tolist() == graph[0][3].tolist()
    assert points.neighbours(full, -1).size == points.neighbours(full, 99_999).size == 0
