"""What is special about a selection on the map: errors, values, and whether it is a group in the original space."""

import numpy as np
import pytest

from app.queries import outlines, points, runs, selection
from app.queries.runs import RunKey

EVERYTHING = "-99_-99_99_-99_99_99_-99_99"
NOTHING = "90_90_91_90_91_91"


def _around(key: RunKey, cluster: int) -> str:
    xy = points.places(key)
    assert xy is not None
    members = xy[runs.column(key, "cluster") == cluster]
    (left, bottom), (right, top) = np.quantile(members, [0.05, 0.95], axis=0)
    return outlines.area_text((outlines.Outline(((left, bottom), (right, bottom), (right, top), (left, top))),))


def test_a_group_that_fails_has_too_many_errors(full: RunKey) -> None:
    area = _around(full, 0)
    found = selection.excess(full, area, repaired=False)
    ids = outlines.samples_inside(full, area)
    assert found.size == len(ids)
    assert found.errors == (~runs.column(full, "correct")[ids]).sum()
    assert found.low > 0


@pytest.mark.parametrize(("area", "size"), [(EVERYTHING, 720), (NOTHING, 0), ("nonsense", 0)])
def test_everything_and_nothing_are_not_special(full: RunKey, area: str, size: int) -> None:
    found = selection.excess(full, area, repaired=True)
    assert found.size == size
    assert found.excess == pytest.approx(0)
    assert selection.facts(full, area, repaired=True) == ()


def test_a_group_of_its_own_is_closed(full: RunKey) -> None:
    assert selection.closed(full, EVERYTHING) == 1
    assert selection.closed(full, NOTHING) is None
    group, xy = selection.closed(full, _around(full, 0)), points.places(full)
    assert group is not None
    assert xy is not None
    x, y = np.median(xy, axis=0)
    middle = outlines.area_text((outlines.Outline(((x - 0.1, y - 0.1), (x + 0.1, y - 0.1), (x + 0.1, y + 0.1))),))
    crowd = selection.closed(full, middle)
    assert crowd is not None
    assert group > 0.7 > crowd


def test_over_represented_values_are_those_of_the_members(full: RunKey) -> None:
    area = _around(full, 1)
    ids = outlines.samples_inside(full, area)
    for fact in selection.facts(full, area, repaired=False):
        assert fact.count <= len(ids)
        assert fact.share == pytest.approx(fact.count / len(ids))
        assert 1 < fact.low <= fact.lift <= fact.high
