"""Which group's pictures want another preprocessing: what is proven, and what random groups of classes gain, too."""

import numpy as np

from analysis.diagnosis import routing
from analysis.diagnosis.routing import best_route, proven_route
from tests.planted_reruns import plant_rerun
from tests.planting import make_run


def test_a_variant_that_suits_one_group_is_a_route_and_one_that_suits_both_or_neither_is_none(tmp_path, whole_view):
    good, poor = (
        make_run(tmp_path / name, old=0.6, noise=noise, thumbnails=False).run
        for name, noise in (("good", 0.6), ("poor", 1.4))
    )
    new = np.flatnonzero(~np.asarray(good.is_old)[good.column("label_index")])
    run = plant_rerun(good, poor, axis="channels", variant="worse")  # suits neither
    assert best_route(whole_view(run)) is None
    run = plant_rerun(poor, good, axis="channels", variant="better")  # suits both
    assert best_route(whole_view(run)) is None
    run = plant_rerun(poor, good, axis="geometry", variant="apart", only=new)  # the old ones stay as they are
    assert best_route(whole_view(run)) is None
    half = make_run(tmp_path / "half", old=0.6, degraded=~np.isin(np.arange(len(good)), new), thumbnails=False).run
    worse = make_run(tmp_path / "new", old=0.6, degraded=np.isin(np.arange(len(good)), new), thumbnails=False).run
    route = proven_route(whole_view(plant_rerun(worse, half, axis="geometry", variant="for new ones")))
    assert (route.variant, route.old, route.holds) == ("for new ones", False, True)
    assert route.own.change.low > 0 > route.rest.change.high
    assert route.gain.value >= route.change.change.value > 0.02
    route = proven_route(whole_view(plant_rerun(half, worse, axis="geometry", variant="for old ones")))
    assert (route.variant, route.old) == ("for old ones", True)


def test_too_few_of_a_group_prove_nothing(tmp_path, whole_view):
    run = make_run(tmp_path, per_class=12, old=0.6, thumbnails=False).run
    assert proven_route(whole_view(plant_rerun(run, run, axis="channels"))) is None


def test_what_random_groups_of_classes_gain_as_well_is_none(tmp_path, whole_view, monkeypatch):
    """A network that knows little: another preprocessing lifts a few classes, some of them in every group."""
    rng = np.random.default_rng(23)
    planted = {"per_class": 200, "old": 0.6, "thumbnails": False}
    run = make_run(tmp_path / "run", noise=6, class_bias=rng.normal(0, 4, 10), **planted).run
    other = make_run(tmp_path / "other", noise=9, class_bias=rng.normal(0, 6, 10), **planted).run
    run = plant_rerun(run, other, axis="channels")
    assert best_route(whole_view(run)) is None
    monkeypatch.setattr(routing, "_stands_out", lambda *_: True)
    assert best_route(whole_view(run)).change.change.low > 0
