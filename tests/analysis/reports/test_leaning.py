"""Leaning on an attribute against hand-made cells and a second implementation of the information."""

import numpy as np
import pytest

from analysis.reports.leaning import leaning, shared_information


def _data(seed=0, n=4000):
    rng = np.random.default_rng(seed)
    label, code = rng.integers(0, 6, n), rng.integers(0, 2, n)
    return label, code, rng.random(n) < 0.5, rng


def test_leaning_helps_some_classes_and_harms_others():
    label, code, second, rng = _data()
    against = (label % 2) != code
    found = leaning(code, 2, label, rng.random(4000) < np.where(against, 0.5, 0.1), second, least=30)
    assert (found.against == against).all()
    assert found.balance > 0.8
    assert found.held_out.excess / found.held_out.size == pytest.approx(0.4, abs=0.05)


def test_a_level_that_harms_all_classes_is_unbalanced():
    label, code, second, rng = _data()
    found = leaning(code, 2, label, rng.random(4000) < np.where(code == 1, 0.5, 0.1), second, least=30)
    assert found.balance < 0.1


@pytest.mark.parametrize("classes", [6, 2000])
def test_without_leaning_the_held_out_gap_is_chance(classes):
    z = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        label, code = rng.integers(0, classes, 4000), rng.integers(0, 3, 4000)
        wrong = rng.random(4000) < rng.beta(1, 3, classes)[label]
        z.append(leaning(code, 3, label, wrong, rng.random(4000) < 0.5, least=30).held_out.z)
    assert abs(np.mean(z)) < 0.5
    assert np.std(z) < 1.5


def test_levels_that_are_none_are_left_out():
    label, code, second, rng = _data()
    code[:100] = -1
    found = leaning(code, 2, label, rng.random(4000) < 0.3, second, least=30)
    assert not found.known[:100].any()


def test_information_is_its_definition():
    label, code, _, rng = _data(n=500)
    prediction = np.where(rng.random(500) < 0.5, code, label)
    total = 0.0
    for y in range(6):
        for p in np.unique(prediction):
            for m in range(2):
                joint = ((label == y) & (prediction == p) & (code == m)).mean()
                if joint:
                    given = (label == y).mean()
                    apart = ((label == y) & (prediction == p)).mean() * ((label == y) & (code == m)).mean()
                    total += joint * np.log(joint * given / apart)
    measured, by_chance = shared_information(prediction, code, label, shuffles=5)
    assert measured == pytest.approx(total)
    assert 0 < by_chance < measured
