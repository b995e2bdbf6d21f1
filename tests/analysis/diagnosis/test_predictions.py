"""Stored candidates replayed: against the full logits, with NaN, ties, padding and every repair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.diagnosis.predictions import Predictions, join, lacks_the_best
from analysis.diagnosis.repairs import Drop, Rename, ReplaceRows, Shift, best_of

RANDOM = np.random.default_rng(0)
Z = RANDOM.normal(size=(60, 7)).astype(np.float32)
LABEL = RANDOM.integers(0, 7, size=60)


def _of(z, label=None, kept=None):
    order = np.argsort(-np.nan_to_num(z, nan=np.inf), axis=1, kind="stable")[:, : kept or z.shape[1]]
    lse = np.log(np.exp(z.astype(np.float64)).sum(axis=1))
    label = np.zeros(len(z), dtype=int) if label is None else label
    return Predictions.of_candidates(order.astype(np.int32), np.take_along_axis(z, order, 1), label, z.shape[1], lse)


def test_without_repairs_it_is_the_argmax():
    predictions = _of(Z, LABEL)
    assert np.array_equal(predictions.predicted, Z.argmax(axis=1))
    assert predictions.accuracy == (Z.argmax(axis=1) == LABEL).mean()


def test_repairs_compose_as_on_the_full_logits():
    offset, order = RANDOM.normal(size=7), RANDOM.permutation(7)
    dropped = np.arange(7) == 3
    predictions = Drop(dropped=dropped).apply(
        Shift(offset=offset, parameters=1).apply(Rename(column_class=order, parameters=7).apply(_of(Z, LABEL)))
    )
    full = np.where(dropped, -np.inf, Z + offset)
    assert np.array_equal(predictions.predicted, order[full.argmax(axis=1)])
    p = np.exp(full) / np.exp(full).sum(axis=1, keepdims=True)
    stored = predictions.probabilities(slice(None))
    for i in range(60):
        assert stored[i] == pytest.approx(p[i, predictions.index[i]], abs=1e-6)


def test_probability_of_what_is_not_stored_is_kept():
    p = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    predictions = _of(Z, LABEL, kept=3)
    assert predictions.probabilities(slice(None)).sum(axis=1) == pytest.approx(
        np.sort(p, axis=1)[:, -3:].sum(axis=1), abs=1e-6
    )


def test_nan_wins_until_its_column_is_dropped():
    z = Z.copy()
    z[:, 4] = np.nan
    predictions = _of(z)
    assert (predictions.predicted == 4).all()
    assert predictions.probabilities(np.arange(3))[0, 0] == 1
    without = Drop(dropped=np.arange(7) == 4).apply(predictions)
    assert np.array_equal(without.predicted, np.where(np.isnan(z), -np.inf, z).argmax(axis=1))


def test_ties_go_to_the_lowest_column_and_nothing_left_is_no_class():
    predictions = _of(np.zeros((2, 4), dtype=np.float32))
    assert list(predictions.predicted) == [0, 0]
    empty = Drop(dropped=np.ones(4, dtype=bool)).apply(predictions)
    assert list(empty.predicted) == [-1, -1]
    assert not empty.correct.any()


def test_a_column_of_no_class_takes_no_part():
    shifted = Rename(column_class=np.array([-1, 0, 1, 2, 3, 4, 5]), parameters=0).apply(_of(Z))
    assert np.array_equal(shifted.predicted, Z[:, 1:].argmax(axis=1))


def test_joined_halves_keep_each_sample_under_its_own_repair():
    first, order = _of(Z, LABEL), np.roll(np.arange(7), 1)
    second = Rename(column_class=order, parameters=7).apply(first)
    pick = np.arange(60) % 2 == 0
    both = join((first, second), pick, 7)
    assert np.array_equal(both.predicted, np.where(pick, second.predicted, first.predicted))


def test_replaced_rows_answer_from_the_embeddings():
    features = RANDOM.normal(size=(60, 5)).astype(np.float32)
    weight, bias = RANDOM.normal(size=(7, 5)).astype(np.float32), np.zeros(7, dtype=np.float32)
    broken = weight.copy()
    broken[[2, 5]] = 0
    repair = ReplaceRows(
        embeddings=features, weight=weight[[2, 5]], bias=bias[[2, 5]], columns=np.array([2, 5]), parameters=10
    )
    repaired = repair.apply(_of(features @ broken.T + bias, LABEL))
    assert np.array_equal(repaired.predicted, (features @ weight.T + bias).argmax(axis=1))


def test_best_of_some_columns():
    some = np.array([True, False, True, False, False, False, False])
    logit, column = best_of(_of(Z), some)
    assert np.array_equal(column, np.where(Z[:, 0] >= Z[:, 2], 0, 2))
    assert logit == pytest.approx(Z[:, [0, 2]].max(axis=1))


def test_no_samples_and_no_columns():
    assert _of(Z[:0]).accuracy == 0.0
    none = Predictions.of_candidates(np.zeros((3, 0), np.int32), np.zeros((3, 0), np.float32), np.zeros(3, int), 0)
    assert list(none.predicted) == [-1, -1, -1]


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_a_group_lacks_its_best_only_where_something_better_may_be_unstored(seed, kept):
    random = np.random.default_rng(seed)
    z = random.normal(size=(1, 12)).astype(np.float32)
    listed, groups = random.random(12) < 0.5, random.random(12) < 0.5
    order = np.argsort(-z[0])
    index = np.concatenate([order[listed[order] == side][:kept] for side in (False, True)])[None, :].astype(np.int32)
    stored = Predictions.of_candidates(index, np.take_along_axis(z, index, axis=1), np.zeros(1, dtype=np.int64), 12)
    if not lacks_the_best(stored, groups, listed):
        for side in (False, True):
            inside = groups == side
            found = np.where(inside[index[0]], z[0, index[0]], -np.inf).max(initial=-np.inf)
            assert found == np.where(inside, z[0], -np.inf).max()
    assert not lacks_the_best(stored, listed, listed)
