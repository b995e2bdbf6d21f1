"""Guesses of the order of the outputs: from confusions, from rows, and what a bias does to them."""

import numpy as np
import pytest

from analysis.diagnosis.column_maps import (
    balanced_column,
    balancing_offsets,
    class_means,
    map_of_confusions,
    map_of_embeddings,
)
from analysis.diagnosis.predictions import Predictions

CLASSES = 12


def _planted(seed=0, n=600, bias=0.0):
    """Column j holds the row of class order[j]; the last four rows are too loud by `bias`."""
    random = np.random.default_rng(seed)
    means = random.normal(size=(CLASSES, 24))
    label = np.arange(n) % CLASSES
    features = means[label] + random.normal(size=(n, 24))
    order = random.permutation(CLASSES)
    weight = means[order].astype(np.float32)
    z = (features @ weight.T + np.where(order >= 8, bias, 0)).astype(np.float32)
    index = np.tile(np.arange(CLASSES, dtype=np.int32), (n, 1))
    return Predictions.of_candidates(index, z, label, CLASSES), features, weight, order


def test_confusions_show_the_order():
    predictions, _, _, order = _planted()
    found = map_of_confusions(predictions.label, predictions.column, np.arange(CLASSES), classes=CLASSES, doubt=0.5)
    assert np.array_equal(found, order)


def test_rows_show_the_order_whatever_the_biases():
    predictions, features, weight, order = _planted(bias=100.0)
    found = map_of_embeddings(features, predictions.label, weight, np.arange(CLASSES), classes=CLASSES)
    assert np.array_equal(found, order)


def test_balanced_columns_show_what_a_bias_hides():
    predictions, _, _, order = _planted(bias=60.0)
    hidden = map_of_confusions(predictions.label, predictions.column, np.arange(CLASSES), classes=CLASSES, doubt=0.5)
    column = balanced_column(predictions, balancing_offsets(predictions))
    found = map_of_confusions(predictions.label, column, np.arange(CLASSES), classes=CLASSES, doubt=0.5)
    assert not np.array_equal(hidden, order)
    assert np.array_equal(found, order)
    assert np.bincount(column, minlength=CLASSES).min() > 600 / CLASSES / 2


def test_one_stray_sample_moves_nothing_when_cautious():
    label, column = np.array([0] * 5 + [1]), np.array([0] * 5 + [2])
    eager = map_of_confusions(label, column, np.arange(3), classes=3, doubt=0.5)
    cautious = map_of_confusions(label, column, np.arange(3), classes=3, doubt=1.5)
    assert list(eager) == [0, 2, 1]
    assert list(cautious) == [0, 1, 2]


def test_class_means_of_classes_that_go_over_several_blocks():
    rng = np.random.default_rng(0)
    embeddings, label = rng.normal(size=(20_000, 3)).astype(np.float16), rng.integers(0, 3, 20_000) * 5
    present, mean = class_means(embeddings, label)
    assert present.tolist() == [0, 5, 10]
    expected = [embeddings[label == c].astype(np.float64).mean(axis=0) for c in present]
    assert mean == pytest.approx(np.array(expected), abs=1e-6)


def test_class_means_by_hand():
    present, mean = class_means(np.array([[0.0], [4.0], [1.0]]), np.array([7, 7, 2]))
    assert list(present) == [2, 7]
    assert mean[:, 0] == pytest.approx([1.0, 2.0])
