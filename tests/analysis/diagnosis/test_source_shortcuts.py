"""Which source draws predictions to the new classes: who judges, what it does to both groups, what it is not."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.diagnosis.source_shortcuts import proven_shortcut, shortcuts_of
from tests.planting import make_run


@pytest.fixture
def view_with(tmp_path, whole_view):
    """A view of three sites; the logits of some columns are raised by so much on some of the samples."""

    def view(raised, *, columns=(), seed=0):
        rng = np.random.default_rng(seed)
        site = rng.integers(0, 3, 800)
        metadata = {"site": [f"s{value}" for value in site]}
        metadata |= {name: [f"v{v}" for v in rng.integers(0, 3, 800)] for name in columns}
        run = make_run(tmp_path, thumbnails=False, noise=0.9, seed=seed, metadata=metadata).run
        seen = whole_view(run)
        more = raised(site, np.asarray(run.is_old))
        held = np.where(seen.predictions.index >= 0, more[np.arange(800)[:, None], seen.predictions.index], 0)
        return replace(seen, predictions=replace(seen.predictions, logit=seen.predictions.logit + held))

    return view


def shortcut(site, is_old):
    """New classes came from the last site alone: there all looks new, and elsewhere nothing does."""
    return np.where(is_old, 0.0, np.where(site == 2, 2.5, -2.5)[:, None])


def collapse(site, is_old):
    """Whatever comes from the last site is taken for one old class, as blurred pictures can be."""
    return np.where((site == 2)[:, None] & (np.arange(len(is_old)) == np.flatnonzero(is_old)[0]), 40.0, 0.0)


@pytest.mark.parametrize("seed", range(3))
def test_a_source_that_draws_to_new_classes_harms_the_old_and_helps_the_new(view_with, seed):
    view = view_with(shortcut, seed=seed)
    found = proven_shortcut(view)
    assert found.source.text == 'site = "s2"'
    assert found.harms_old
    assert found.helps_new
    assert found.odds_of_new.low > 1


def test_where_its_own_errors_tell_little_new_classes_that_suffer_elsewhere_do(view_with):
    """As on digits: three errors on old classes elsewhere, and fewer than half of the source's own go to new ones."""
    found = replace(proven_shortcut(view_with(shortcut)), errors_elsewhere=3, drawn_share=0.46)
    assert found.is_aimed
    assert not replace(found, helps_new=False).is_aimed
    assert not replace(found, odds_of_new=None).is_aimed
    assert not replace(found, harms_old=False).is_aimed


@pytest.mark.parametrize("seed", range(3))
def test_a_source_taken_for_one_old_class_makes_no_shortcut_of_the_others(view_with, seed):
    view = view_with(collapse, seed=seed)
    assert max(one.odds.value for one in shortcuts_of(view)) > 10
    assert not [one for one in shortcuts_of(view) if one.holds]


def test_few_sources_are_judged_by_all_samples_and_many_by_the_half_that_did_not_suggest_them(view_with):
    assert [one.judged for one in shortcuts_of(view_with(shortcut))] == [800] * 3
    many = view_with(shortcut, columns=("camera", "lens"))
    assert {one.judged for one in shortcuts_of(many)} == {int(many.second.sum())}
