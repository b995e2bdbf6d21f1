"""Errors beyond the classes', against second implementations; hard classes prove nothing."""

import numpy as np
import pytest

from analysis.reports.class_adjusted import ClassAdjusted


def _samples(seed=0, n=600, classes=6):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, classes, n)
    wrong = rng.random(n) < np.linspace(0.05, 0.6, classes)[label]
    return label, wrong, rng.random(n) < 0.3


def test_residuals_sum_to_0_in_every_class():
    label, wrong, _ = _samples()
    residual = ClassAdjusted(label, wrong).residual()
    assert np.bincount(label, residual) == pytest.approx(np.zeros(6), abs=1e-9)


def test_z_is_that_of_shuffling_within_classes():
    label, wrong, inside = _samples()
    rng = np.random.default_rng(1)
    order = np.argsort(label, kind="stable")
    sums = []
    for _ in range(4000):
        shuffled = np.empty_like(inside)
        shuffled[order] = inside[order][np.argsort(label[order] + rng.random(len(label)))]
        sums.append((wrong & shuffled).sum())
    expected = ((wrong & inside).sum() - np.mean(sums)) / np.std(sums)
    assert ClassAdjusted(label, wrong).excess(inside).z == pytest.approx(expected, abs=0.1)


def test_expected_errors_are_those_of_the_classes_outside():
    label = np.repeat([0, 1], 1000)
    wrong = np.zeros(2000, dtype=bool)
    wrong[:100] = True  # class 0: a tenth
    wrong[1000:1500] = True  # class 1: half
    inside = np.zeros(2000, dtype=bool)
    inside[::10] = True
    excess = ClassAdjusted(label, wrong).excess(inside)
    assert (excess.size, excess.errors) == (200, 60)
    assert excess.expected == pytest.approx(60, abs=1)
    assert excess.low < 0 < excess.high


def test_a_whole_hard_class_has_no_excess():
    label, wrong, _ = _samples()
    excess = ClassAdjusted(label, wrong).excess(label == 5)
    assert excess.errors > 40
    assert excess.excess == pytest.approx(0)
    assert excess.p == 1.0


def test_a_relative_excess_counts_right_answers_where_errors_are_the_rule():
    label = np.zeros(2000, dtype=np.int64)
    inside = np.arange(2000) < 400
    wrong = np.where(inside, np.arange(2000) % 10 < 8, np.arange(2000) % 10 < 6)
    excess = ClassAdjusted(label, wrong).excess(inside)
    assert excess.relative == pytest.approx(0.5, abs=0.01)  # 80 of 160 right answers are gone


def test_tiny_classes_are_not_blind():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 800, 1600)
    inside = rng.random(1600) < 0.3
    wrong = rng.random(1600) < np.where(inside, 0.5, 0.2)
    assert ClassAdjusted(label, wrong).excess(inside).z > 8


def test_one_sample_a_class_is_judged_by_the_others():
    rng = np.random.default_rng(0)
    inside = rng.random(2000) < 0.3
    excess = ClassAdjusted(np.arange(2000), rng.random(2000) < np.where(inside, 0.5, 0.2)).excess(inside)
    assert excess.excess == pytest.approx(0.3 * inside.sum(), abs=30)
    assert excess.z > 8


def test_tiny_classes_that_lie_in_a_group_as_a_whole_are_chance():
    z = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        label = rng.integers(0, 700, 1400)
        wrong = rng.random(1400) < rng.beta(1, 4, 700)[label]
        z.append(ClassAdjusted(label, wrong).excess(label % 7 == 0).z)
    assert abs(np.mean(z)) < 0.4
    assert np.std(z) < 1.4


@pytest.mark.parametrize("classes", [5, 700])
def test_p_is_never_0_and_rarely_small_by_chance(classes):
    p = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        label = rng.integers(0, classes, 1400)
        wrong = rng.random(1400) < rng.beta(1, 4, classes)[label]
        p.append(ClassAdjusted(label, wrong).excess(rng.random(1400) < 0.2).p)
    assert min(p) > 0
    assert (np.array(p) <= 0.05).mean() < 0.09


def test_an_empty_group_is_nothing():
    label, wrong, inside = _samples()
    excess = ClassAdjusted(label, wrong).excess(np.zeros_like(inside))
    assert (excess.size, excess.errors, excess.p) == (0, 0, 1.0)
