"""Labels beyond the two best answers: as many as a calibrated model expects, and more where labels are wrong."""

import numpy as np
import pytest
from scipy.special import softmax

from analysis.diagnosis.unlikely_labels import unlikely_labels


def _answers(n=4000, classes=10, spread=2.0, seed=0):
    """Logits of a calibrated model: labels are drawn from its own probabilities."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(size=(n, classes)) * spread
    label = np.array([rng.choice(classes, p=p) for p in softmax(logit, axis=1)])
    return np.broadcast_to(np.arange(classes), logit.shape), logit, label, rng


@pytest.mark.parametrize("spread", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
def test_as_many_as_a_healthy_model_expects(spread, temperature):
    candidate, logit, label, _ = _answers(spread=spread)
    found = unlikely_labels(candidate, logit * temperature, label)
    assert found.expected.sum() == pytest.approx(found.beyond_two(label).sum(), rel=0.15)


def test_wrong_labels_are_more_than_expected():
    candidate, logit, label, rng = _answers(spread=8.0)
    flipped = rng.random(len(label)) < 0.08
    label = np.where(flipped, (label + rng.integers(1, 10, len(label))) % 10, label)
    found = unlikely_labels(candidate, logit, label)
    surplus = (found.beyond_two(label).sum() - found.expected.sum()) / len(label)
    assert surplus * 9 / 8 == pytest.approx(0.08, abs=0.025)


def test_order_of_the_candidates_and_padding_do_not_matter():
    candidate, logit, label, rng = _answers(n=200)
    order = rng.permuted(np.broadcast_to(np.arange(10), logit.shape), axis=1)
    padded = np.hstack([np.take_along_axis(candidate, order, axis=1), np.full((200, 2), -1)])
    moved = np.hstack([np.take_along_axis(logit, order, axis=1), np.full((200, 2), 9.0)])
    first, second = unlikely_labels(candidate, logit, label), unlikely_labels(padded, moved, label)
    assert (first.beyond_two(label) == second.beyond_two(label)).all()
    assert first.expected == pytest.approx(second.expected, abs=1e-6)


@pytest.mark.parametrize("shape", [(0, 5), (3, 1)])
def test_hardly_anything_to_look_at(shape):
    found = unlikely_labels(np.zeros(shape, dtype=int), np.zeros(shape), np.zeros(shape[0], dtype=int))
    assert (found.best_two == -1).all()
    assert found.expected.sum() == 0


def test_answers_that_are_no_numbers_are_passed_over():
    candidate, logit, label, _ = _answers(n=200)
    logit[:50], logit[50:60, :4] = np.nan, np.inf
    found = unlikely_labels(candidate, logit, label)
    assert np.isfinite(found.expected).all()
    assert np.isfinite(found.probability).all()
