"""The best output of each group against the whole head, and a constant that no sample chooses for itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.diagnosis.group_best import GroupBest
from analysis.diagnosis.predictions import Predictions

N, C = 300, 6


def answers(seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, C, N)
    logit = rng.normal(0, 1, (N, C)) + 1.5 * np.eye(C)[label]
    is_new = np.isin(np.arange(C), rng.permutation(C)[: rng.integers(1, C)])
    index = np.tile(np.arange(C, dtype=np.int32), (N, 1))
    return logit, label, is_new, Predictions.of_candidates(index, logit.astype(np.float32), label, C)


@given(seed=st.integers(0, 10_000), constant=st.floats(-3, 3))
def test_a_constant_decides_as_it_does_in_the_whole_head(seed, constant):
    logit, label, is_new, predictions = answers(seed)
    best = GroupBest.of(predictions, is_new, ~is_new[label])
    assert (best.right(constant) == ((logit + constant * is_new).argmax(axis=1) == label)).mean() > 0.99  # float32 ties
    own = np.where(is_new == is_new[label][:, None], logit, -np.inf).argmax(axis=1) == label
    np.testing.assert_array_equal(best.right_in_group, own)
    counts = [((logit + c * is_new).argmax(axis=1) == label).sum() for c in np.linspace(-5, 5, 41)]
    assert best.most_right >= max(counts) - 1


@given(seed=st.integers(0, 10_000), old=st.booleans())
def test_routing_takes_the_other_answers_for_one_group_alone(seed, old):
    _, label, is_new, one = answers(seed)
    other = Predictions.of_candidates(one.index, -one.logit, label, C)
    first, second = (GroupBest.of(a, is_new, ~is_new[label]) for a in (one, other))
    routed, side = first.routed(second, old), is_new[label] != old
    np.testing.assert_array_equal(routed.right()[side], second.right()[side])
    np.testing.assert_array_equal(routed.right()[~side], first.right()[~side])


def test_each_half_is_judged_by_the_constant_of_the_other():
    """New outputs are too low in the first half and too high in the second."""
    logit, label, is_new, _ = answers(2)
    second = np.arange(N) % 2 == 1
    logit = logit + np.where(second, 0.7, -0.7)[:, None] * is_new
    index = np.tile(np.arange(C, dtype=np.int32), (N, 1))
    best = GroupBest.of(Predictions.of_candidates(index, logit, label, C), is_new, ~is_new[label])
    assert best.right_with_constant(second, 0.5).mean() < best.right().mean() - 0.02
    assert best.right_with_constant(second & False, 0.5).mean() == pytest.approx(best.right().mean())
