"""A constant lost by every value is told from a factor, from training and from noise."""

import numpy as np
import pytest

from analysis.models.shrinkage import soft_threshold

OLD = np.random.default_rng(0).normal(size=20_000)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
def test_a_soft_threshold_is_found_with_its_constant(share: float) -> None:
    constant = share * np.abs(OLD).mean()
    new = np.sign(OLD) * np.maximum(np.abs(OLD) - constant, 0)
    assert soft_threshold(new, OLD) == pytest.approx(share, rel=0.1)


def test_adam_with_an_l2_term_leaves_that_mark() -> None:
    value, mean, square = OLD.copy(), np.zeros_like(OLD), np.zeros_like(OLD)
    for step in range(1, 201):
        gradient = 1e-2 * value
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        value -= 1e-3 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    assert soft_threshold(value, OLD) == pytest.approx(0.2 / np.abs(OLD).mean(), rel=0.15)


@pytest.mark.parametrize(
    "new",
    [OLD, 0.6 * OLD, 1.2 * OLD, OLD + 0.3 * np.random.default_rng(1).normal(size=OLD.size), -OLD, OLD - 0.3, 0 * OLD],
    ids=["same", "factor", "grown", "trained", "turned", "shifted", "zero"],
)
def test_nothing_else_is_taken_for_it(new: np.ndarray) -> None:
    assert soft_threshold(new, OLD) is None


def test_few_or_broken_values_say_nothing() -> None:
    assert soft_threshold(OLD[:50] - 0.3 * np.sign(OLD[:50]), OLD[:50]) is None
    assert soft_threshold(np.where(OLD > 3, np.nan, OLD), OLD) is None
