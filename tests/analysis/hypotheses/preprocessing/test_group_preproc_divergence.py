"""One preprocessing for the old and another for the new classes: only where the signs are opposite."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as CONSTANT
from analysis.hypotheses.preprocessing.group_preproc_divergence import HYPOTHESIS
from tests.planted_reruns import plant_rerun
from tests.planting import make_run


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def divided(tmp_path, *, per_class=80):
    """The run suits the old classes, the variant the new ones."""
    good = make_run(tmp_path / "good", per_class=per_class, old=0.6, thumbnails=False).run
    poor = make_run(tmp_path / "poor", per_class=per_class, old=0.6, noise=2.5, thumbnails=False).run
    return good, poor, np.flatnonzero(good.is_old[good.column("label_index")])


def test_planted_fault_with_opposite_signs_is_supported_with_the_gain_of_routing(tmp_path):
    good, poor, old = divided(tmp_path)
    new = np.setdiff1d(np.arange(len(good)), old)
    good_for_new = plant_rerun(good, poor, axis="channels", only=old, variant="x")  # worse for the old classes alone
    assert found(good_for_new).verdict == "refuted"
    mixed = plant_mixed(tmp_path, good, poor, new)
    finding = found(mixed)
    assert (finding.verdict, finding.lane) == ("supported", "bound")
    gain = (good.column("correct")[new].mean() - poor.column("correct")[new].mean()) * len(new) / len(good)
    assert finding.gain.value == pytest.approx(gain, abs=0.01)  # and a constant that is fitted
    shown = diagnose(mixed, hypotheses=[HYPOTHESIS]).tables[HYPOTHESIS.id]["variants"]
    assert list(shown["label"]) == [
        f"another way, {who}" for who in ("new classes alone", "old classes alone", "all pictures")
    ]
    assert shown["accuracy"][0] > shown["accuracy_base"][0] > shown["accuracy"][2] > shown["accuracy"][1]
    assert shown["variant"].is_unique
    assert shown["variant"][0] == "another"


def test_it_goes_before_a_constant_that_gives_back_a_part(tmp_path):
    """Pictures that a training never saw are answered with less confidence: a constant makes up for some of that."""
    good = make_run(tmp_path / "good", per_class=80, old=0.6, noise=0.4, thumbnails=False).run
    poor = make_run(tmp_path / "low", per_class=80, old=0.6, noise=1.2, new_bias=-1.5, thumbnails=False).run
    mixed = plant_mixed(tmp_path, good, poor, np.flatnonzero(~good.is_old[good.column("label_index")]))
    diagnosis = diagnose(mixed, hypotheses=[CONSTANT, HYPOTHESIS])
    assert [f.id for f in diagnosis.findings if f.verdict == "supported"] == [HYPOTHESIS.id, CONSTANT.id]
    assert diagnosis.leading == HYPOTHESIS.id


def plant_mixed(tmp_path, good, poor, new):
    """A run that answers poorly to new classes, with a variant that does the opposite."""
    import pandas as pd

    from analysis.runs import layout
    from analysis.runs.atomic import write_table
    from analysis.runs.run import Run

    table = pd.read_parquet(good.path / layout.SAMPLES)
    table.iloc[new] = pd.read_parquet(poor.path / layout.SAMPLES).iloc[new]
    run = make_run(tmp_path / "mixed", old=0.6, thumbnails=False).run
    write_table(run.path / layout.SAMPLES, table)
    opposite = pd.read_parquet(poor.path / layout.SAMPLES)
    opposite.iloc[new] = pd.read_parquet(good.path / layout.SAMPLES).iloc[new]
    other = make_run(tmp_path / "opposite", old=0.6, thumbnails=False).run
    write_table(other.path / layout.SAMPLES, opposite)
    return plant_rerun(Run.open(run.path), Run.open(other.path), axis="channels")


def test_beneath_a_constant_it_is_told_with_what_it_gives_back_beyond(tmp_path):
    """New classes win whatever the picture shows: by itself, routing would change no answer to an old one."""
    planted = {"per_class": 80, "old": 0.6, "new_bias": 50.0, "thumbnails": False}
    good, poor = make_run(tmp_path / "good", **planted).run, make_run(tmp_path / "poor", noise=2.5, **planted).run
    mixed = plant_mixed(tmp_path, poor, good, np.flatnonzero(~good.is_old[good.column("label_index")]))
    diagnosis = diagnose(mixed, hypotheses=[CONSTANT, HYPOTHESIS])
    constant, divergence = sorted(diagnosis.findings, key=lambda finding: finding.id, reverse=True)
    assert (constant.id, constant.verdict, divergence.verdict) == (CONSTANT.id, "supported", "supported")
    assert 0.95 <= constant.accuracy_if_fixed + divergence.gain.value <= 1.02


def test_healthy_run_or_one_that_a_variant_helps_as_a_whole_is_refuted(tmp_path):
    good, poor, _ = divided(tmp_path)
    assert found(plant_rerun(poor, good, axis="channels")).verdict == "refuted"


def test_without_split_or_reruns_not_testable_and_with_few_samples_undecided(tmp_path):
    good, poor, _ = divided(tmp_path, per_class=12)
    assert found(good).verdict == "not_testable"
    assert found(plant_rerun(poor, good, axis="channels")).verdict == "inconclusive"
    plain = make_run(tmp_path / "plain", old=None, thumbnails=False).run
    assert found(plant_rerun(plain, plain, axis="channels")).verdict == "not_testable"


def test_a_variant_that_merely_lifts_one_group_over_the_other_is_no_divergence(tmp_path):
    low = make_run(tmp_path / "low", old=0.6, noise=2.0, new_bias=-4.0, thumbnails=False).run
    high = make_run(tmp_path / "high", old=0.6, noise=2.0, new_bias=4.0, thumbnails=False).run
    is_old = low.is_old[low.column("label_index")]
    gains = high.column("correct").astype(int) - low.column("correct")
    assert gains[is_old].mean() < -0.1 < 0.1 < gains[~is_old].mean()
    assert found(plant_rerun(low, high, axis="normalization")).verdict == "refuted"
