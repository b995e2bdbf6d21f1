"""Groups by looks among the clusters: what they take, what stays, and what is no group of its own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.reports.class_adjusted import Excess
from analysis.reports.look_groups import with_look_groups
from analysis.reports.slices import Slice


def _slice(inside, errors, expected, text="pixel_mean < 20", *, p=1e-6, failing=True):
    size = int(inside.sum())
    found = Excess(size=size, errors=errors, expected=expected, low=1.0, high=9.0, z=5.0, p=p)
    return Slice(
        text=text, columns=("pixel_mean",), inside=inside, whole=found, held_out=found,
        found_z=5.0, p=p, p_adjusted=p, failing=failing,
    )  # fmt: skip


def _groups(cluster, *slices, label=None):
    """With labels that go round, and every sample wrong, unless told otherwise."""
    label = np.arange(len(cluster)) % 5 if label is None else label
    return with_look_groups(cluster, slices, label, np.ones(len(cluster), dtype=bool))


def test_a_group_takes_its_samples_out_of_the_clusters_they_were_in():
    cluster = np.repeat([0, 1, 2, -1], 50)
    inside = np.zeros(200, dtype=bool)
    inside[[*range(10), *range(50, 95), *range(150, 160)]] = True
    found, looks = _groups(cluster, _slice(inside, 40, 6.0))
    assert looks == {3: "pixel_mean < 20"}
    assert (found[inside] == 3).all()
    assert (found[10:50] == 0).all()
    assert (found[95:100] == -1).all()  # five are no cluster any more
    assert (found[100:150] == 2).all()


@pytest.mark.parametrize(("errors", "expected", "size"), [(8, 6.0, 60), (15, 2.0, 15)])
def test_little_worse_or_few_is_no_group(errors, expected, size):
    cluster = np.repeat([0, 1], 100)
    inside = np.arange(200) % 3 == 0
    inside &= np.cumsum(inside) <= size
    assert _groups(cluster, _slice(inside, errors, expected))[1] == {}


@pytest.mark.parametrize(("p", "errors", "groups"), [(0.04, 40, 1), (0.04, 15, 0), (0.06, 40, 0)])
def test_what_fails_surely_is_a_group_before_it_is_sure_by_how_much(p, errors, groups):
    cluster, inside = np.repeat([0, 1], 100), np.arange(200) % 2 == 0
    assert len(_groups(cluster, _slice(inside, errors, 6.0, p=p, failing=False))[1]) == groups


def test_a_cluster_that_is_the_group_already_stays():
    cluster = np.repeat([0, 1], 100)
    inside = np.zeros(200, dtype=bool)
    inside[5:105] = True
    found, looks = _groups(cluster, _slice(inside, 60, 6.0))
    assert looks == {}
    assert (found == cluster).all()


def test_errors_of_one_class_are_no_group():
    cluster, label = np.repeat([0, 1], 100), np.where(np.arange(200) % 4 < 3, 2, np.arange(200) % 5)
    inside = np.arange(200) % 2 == 0
    assert _groups(cluster, _slice(inside, 60, 6.0), label=label)[1] == {}
    assert len(_groups(cluster, _slice(inside, 60, 6.0))[1]) == 1


@given(st.integers(0, 10_000), st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_whatever_comes_every_sample_is_in_one_group_or_none_and_twice_is_once(seed, slices):
    rng = np.random.default_rng(seed)
    cluster = rng.integers(-1, 6, 300)
    failing = [
        _slice(inside := rng.random(300) < rng.random(), int(inside.sum()), 1.0, f"pixel_std < {number}")
        for number in range(slices)
    ]
    found, looks = _groups(cluster, *failing)
    untouched = ~np.any([one.inside for one in failing], axis=0) if failing else np.ones(300, dtype=bool)
    assert ((found[untouched] == cluster[untouched]) | (found[untouched] == -1)).all()
    assert all((found == number).any() for number in looks)
    assert (cluster == _groups(cluster)[0]).all()
    again, more = _groups(found, *failing[:1])
    if slices == 1 and looks:
        assert more == looks
        assert (again == found).all()
