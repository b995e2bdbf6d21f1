"""The sweep and the density, recomputed by brute force."""

import numpy as np
import pytest

from analysis.reports.bias_sweep import sweep_of, sweep_table
from app.queries import logits, runs
from app.queries.bias_sweep import bias_sweep
from app.queries.runs import RunKey


def _accuracy_at(key: RunKey, delta: float) -> float:
    index, logit = runs.topk(key)
    shifted = np.where(index >= 0, logit + np.where(runs.is_old(key)[np.maximum(index, 0)], 0, delta), -np.inf)
    winner = index[np.arange(len(index)), shifted.argmax(axis=1)]
    return float((winner == runs.column(key, "label_index")).mean())


def test_sweep_agrees_with_moving_the_logits(full: RunKey) -> None:
    sweep = bias_sweep(full)
    assert sweep.now["overall"] == pytest.approx(runs.column(full, "correct").mean())
    assert sweep.then["overall"] == pytest.approx(_accuracy_at(full, sweep.best))
    for _, row in sweep.table.iloc[2:-2:97].iterrows():
        assert row["overall"] == pytest.approx(_accuracy_at(full, row["delta"]), abs=2 / runs.size(full))


@pytest.mark.parametrize("where", ["", 'camera = "phone"', "loss > 1"])
def test_sweep_is_that_of_the_samples_as_they_stand(full: RunKey, where: str) -> None:
    label = runs.column(full, "label_index")
    chosen = np.ones(len(label), dtype=bool)
    if where:
        chosen = runs.column(full, "camera") == "phone" if "camera" in where else runs.column(full, "loss") > 1
    expected = sweep_of(
        runs.column(full, "max_logit_old")[chosen],
        (runs.column(full, "best_old_index") == label)[chosen],
        runs.column(full, "max_logit_new")[chosen],
        (runs.column(full, "best_new_index") == label)[chosen],
        runs.is_old(full)[label][chosen],
    )
    found = bias_sweep(full, where)
    assert found.samples == chosen.sum()
    assert found.best == expected.best_delta()
    assert found.table.iloc[1:-1].reset_index(drop=True).equals(sweep_table(expected))


def test_sweep_finds_the_planted_bias(full: RunKey) -> None:
    assert bias_sweep(full).best == pytest.approx(-3, abs=1)


def test_no_sweep_and_no_density_without_a_split(nosplit: RunKey) -> None:
    assert bias_sweep(nosplit) is None
    assert logits.density(nosplit, "All") is None


def test_density_counts_every_sample_once(full: RunKey) -> None:
    density = logits.density(full, "All")
    assert sum(int(panel.sum()) for panel in density.counts.values()) == runs.size(full)
    old = runs.is_old(full)[runs.column(full, "label_index")]
    wins = runs.column(full, "max_logit_new") > runs.column(full, "max_logit_old")
    assert density.new_wins["old"] == pytest.approx(wins[old].mean())


@pytest.mark.parametrize("outcome", ["All", "Wrong"])
@pytest.mark.parametrize("where", ["", 'camera = "phone"'])
def test_density_is_numpys_histogram(full: RunKey, outcome: str, where: str) -> None:
    density = logits.density(full, outcome, where)
    chosen = np.ones(runs.size(full), dtype=bool) if outcome == "All" else ~runs.column(full, "correct")
    if where:
        chosen &= runs.column(full, "camera") == "phone"
    is_old = runs.is_old(full)[runs.column(full, "label_index")]
    for group, mask in (("old", is_old), ("new", ~is_old)):
        old, new = (runs.column(full, f"max_logit_{name}")[chosen & mask] for name in ("old", "new"))
        np.testing.assert_array_equal(density.counts[group], np.histogram2d(old, new, bins=density.edges)[0])


@pytest.mark.parametrize("measure", logits.MEASURES)
@pytest.mark.parametrize("outcome", ["All", "Wrong", "Correct"])
def test_distributions_count_the_chosen_samples(full: RunKey, measure: str, outcome: str) -> None:
    correct = runs.column(full, "correct")
    chosen = len(correct) if outcome == "All" else int((correct == (outcome == "Correct")).sum())
    total = logits.distributions(full, measure, outcome)["count"].sum()
    assert total == chosen * (2 if measure == "Largest logit" else 1)


def test_all_classes_are_shown_without_a_split(nosplit: RunKey) -> None:
    assert set(logits.distributions(nosplit, "Largest logit", "All")["series"]) == {"all classes"}


def test_head_rows_by_group(full: RunKey, bare: RunKey) -> None:
    rows = logits.head_rows(full)
    assert rows.median_bias == pytest.approx({"old classes": 0, "new classes": 3})
    assert logits.head_rows(bare) is None


def test_a_filter_chooses_the_samples(full: RunKey) -> None:
    where = 'camera = "phone"'
    phone = runs.column(full, "camera") == "phone"
    assert sum(int(panel.sum()) for panel in logits.density(full, "All", where).counts.values()) == phone.sum()
    assert logits.distributions(full, "Margin", "All", where)["count"].sum() == phone.sum()
    sweep = bias_sweep(full, where)
    assert sweep.samples == phone.sum()
    assert sweep.now["overall"] == pytest.approx(runs.column(full, "correct")[phone].mean())
