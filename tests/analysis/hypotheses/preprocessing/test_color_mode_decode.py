"""Pixel formats: repaired by another conversion, bounded where none helps, silent where formats do not matter."""

import numpy as np
import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.preprocessing.color_mode_decode import HYPOTHESIS, mantel_haenszel
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run
from tests.planted_reruns import plant_rerun
from tests.planting import make_run


def run_with_modes(tmp_path, *, mode="CMYK", share=0.15, broken=True, per_class=80):
    """A share of the files has another format; broken: their answers are those of a run that sees little."""
    good = make_run(tmp_path / "good", per_class=per_class, thumbnails=False).run
    poor = make_run(tmp_path / "poor", per_class=per_class, noise=3.0, thumbnails=False).run
    odd = np.sort(np.random.default_rng(1).permutation(len(good))[: round(share * len(good))])
    table = pd.read_parquet(good.path / layout.SAMPLES)
    if broken:
        table.iloc[odd] = pd.read_parquet(poor.path / layout.SAMPLES).iloc[odd]
    table.loc[odd, "mode"] = mode
    run = make_run(tmp_path / "run", per_class=per_class, thumbnails=False).run
    write_table(run.path / layout.SAMPLES, table)
    return Run.open(run.path), good, odd


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_repaired_by_the_right_conversion_which_is_a_gain(tmp_path):
    run, good, odd = run_with_modes(tmp_path)
    run = plant_rerun(run, good, axis="decoding", only=odd, label="CMYK pictures with inks inverted",
                      settings={"conversion": "inks inverted"})  # fmt: skip
    finding = found(run)
    assert (finding.verdict, finding.lane) == ("supported", "gain")
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert "invert" in finding.snippet


def test_where_no_conversion_helps_the_excess_is_a_bound(tmp_path):
    run, good, odd = run_with_modes(tmp_path)
    finding = found(plant_rerun(run, run, axis="decoding", only=odd, label="inks inverted"))
    assert (finding.verdict, finding.lane) == ("supported", "bound")
    assert finding.gain.value == pytest.approx(good.column("correct").mean() - run.column("correct").mean(), abs=0.03)


def test_healthy_run_with_other_formats_has_no_fault(tmp_path):
    run, _, _ = run_with_modes(tmp_path, mode="P", broken=False)
    assert found(plant_rerun(run, run, axis="channels")).verdict == "refuted"


def test_without_reruns_not_testable_and_with_few_samples_undecided(tmp_path):
    run, good, odd = run_with_modes(tmp_path, per_class=8)
    assert found(run).verdict == "not_testable"
    assert found(plant_rerun(run, good, axis="decoding", only=odd)).verdict == "inconclusive"


def test_common_odds_ratio_is_that_of_plain_loops():
    rng = np.random.default_rng(0)
    label, exposed = rng.integers(0, 5, 400), rng.random(400) < 0.3
    error = rng.random(400) < np.where(exposed, 0.5, 0.2)
    over = under = errors = expected = variance = 0.0
    for c in range(5):
        a, b, d, e = (float(((label == c) & (exposed == x) & (error == y)).sum())
                      for x, y in ((True, True), (True, False), (False, True), (False, False)))  # fmt: skip
        n = a + b + d + e
        over, under = over + a * e / n, under + b * d / n
        errors, expected = errors + a, expected + (a + b) * (a + d) / n
        variance += (a + b) * (d + e) * (a + d) * (b + e) / n**2 / (n - 1)
    result = mantel_haenszel(label, error, exposed)
    assert result["odds"] == pytest.approx(over / under)
    assert result["expected"] == pytest.approx(expected)
    from scipy.stats import norm

    assert result["p"] == pytest.approx(2 * norm.sf(abs(errors - expected) / variance**0.5))
