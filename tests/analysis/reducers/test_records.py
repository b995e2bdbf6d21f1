"""Every record against a plain float64 formula, and the merge law."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.reducers import reduction
from analysis.reducers.column_groups import ColumnGroups
from analysis.reducers.records import RecordReducer


def reduced(logits, labels, is_old, cuts=()):
    """Records of (N, C) logits in class order, streamed in pieces cut at `cuts`."""
    columns = ColumnGroups.of(is_old, logits.shape[1])
    reducer = RecordReducer(columns)
    positions = torch.arange(len(logits))
    tensor, label_tensor = torch.from_numpy(logits), torch.from_numpy(labels)
    bounds = [0, *sorted(cuts), len(logits)]
    for start, stop in itertools.pairwise(bounds):
        piece = slice(start, stop)
        reducer.update(positions[piece], columns.permute(tensor[piece]).clone(), label_tensor[piece])
    return reducer.result()


def planted(samples, classes, seed=0, scale=5.0):
    rng = np.random.default_rng(seed)
    logits = (rng.normal(size=(samples, classes)) * scale).astype(np.float32)
    labels = rng.integers(0, classes, samples)
    logits[np.arange(samples) % 2 == 0, labels[np.arange(samples) % 2 == 0]] += 4 * scale
    return logits, labels


def log_sum_exp(values):
    peak = values.max(1, keepdims=True)
    return (peak + np.log(np.exp(values - peak).sum(1, keepdims=True)))[:, 0]


@pytest.mark.parametrize(("samples", "classes"), [(7, 2), (50, 10), (33, 90), (19, 3000)])
def test_records_agree_with_float64_formulas(samples, classes):
    logits, labels = planted(samples, classes)
    is_old = np.arange(classes) % 3 != 1
    found = reduced(logits, labels, is_old, cuts=(2, 3))
    exact = logits.astype(np.float64)
    rows = np.arange(samples)
    lse = log_sum_exp(exact)
    probability = np.exp(exact - lse[:, None])
    others = exact.copy()
    others[rows, labels] = -np.inf
    label_logit = exact[rows, labels]
    assert (found["prediction_index"] == logits.argmax(1)).all()
    assert (found["correct"] == (logits.argmax(1) == labels)).all()
    assert (found["label_index"] == labels).all()
    assert (found["label_rank"] == (exact > label_logit[:, None]).sum(1)).all()
    assert (found["nonfinite"] == 0).all()
    expected = {
        "label_logit": label_logit,
        "confidence": probability.max(1),
        "loss": lse - label_logit,
        "margin": label_logit - others.max(1),
        "entropy": -(probability * (exact - lse[:, None])).sum(1),
        "logsumexp": lse,
    }
    for name, members in (("old", is_old), ("new", ~is_old)):
        of_group = exact[:, members]
        expected[f"max_logit_{name}"] = of_group.max(1)
        expected[f"mean_logit_{name}"] = of_group.mean(1)
        expected[f"logsumexp_{name}"] = log_sum_exp(of_group)
        best = np.flatnonzero(members)[of_group.argmax(1)]
        assert (found[f"best_{name}_index"] == best).all()
    for name, values in expected.items():
        assert found[name].dtype == np.float32, name
        np.testing.assert_allclose(found[name], values, rtol=2e-6, atol=2e-6, err_msg=name)


@pytest.mark.parametrize(("classes", "old"), [(200, 150), (6001, 3003), (5000, 2048)])
def test_kept_candidates_are_the_32_largest_of_each_group_merged_largest_first(classes, old):
    logits, labels = planted(9, classes)
    is_old = np.arange(classes) < old
    found = reduced(logits, labels, is_old)
    for row in range(9):
        chosen = np.concatenate(
            [np.flatnonzero(group)[np.argsort(-logits[row][group])[:32]] for group in (is_old, ~is_old)]
        )
        expected = chosen[np.argsort(-logits[row][chosen])]
        assert found["topk_index"][row].tolist() == expected.tolist()
        assert (found["topk_logit"][row] == logits[row][expected]).all()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_merge_law_any_cut_into_batches_chunks_and_workers_gives_the_same(data):
    classes = data.draw(st.integers(1, 70))
    samples = data.draw(st.integers(1, 12))
    few_values = st.sampled_from([-3.0, 0.0, 0.5, 2.0, float("nan"), float("inf"), float("-inf")])
    values = data.draw(st.lists(few_values, min_size=samples * classes, max_size=samples * classes))
    logits = np.array(values, dtype=np.float32).reshape(samples, classes)
    labels = np.array(data.draw(st.lists(st.integers(0, classes + 1), min_size=samples, max_size=samples)))
    split = data.draw(st.booleans())
    is_old = np.array(data.draw(st.lists(st.booleans(), min_size=classes, max_size=classes))) if split else None
    cuts = data.draw(st.lists(st.integers(0, samples), max_size=4))
    whole = reduced(logits, labels, is_old)
    columns = ColumnGroups.of(is_old, classes)
    workers = [RecordReducer(columns) for _ in range(data.draw(st.integers(1, 3)))]
    bounds = [0, *sorted(cuts), samples]
    for number, (start, stop) in enumerate(itertools.pairwise(bounds)):
        piece = torch.from_numpy(logits[start:stop])
        positions = torch.arange(start, stop)
        worker = workers[number % len(workers)]
        worker.update(positions, columns.permute(piece).clone(), torch.from_numpy(labels[start:stop]))
    for worker in workers[1:]:
        workers[0].merge(worker)
    cut = workers[0].result()
    assert cut.keys() == whole.keys()
    for name in whole:
        np.testing.assert_array_equal(cut[name], whole[name], err_msg=name)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.sampled_from([0.0, 1.0, float("nan"), float("inf"), float("-inf")]), min_size=5, max_size=5),
        min_size=1,
        max_size=4,
    ),
    is_old=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_prediction_is_torch_argmax_whatever_the_ties_and_non_numbers(rows, is_old):
    logits = np.array(rows, dtype=np.float32)
    labels = np.zeros(len(rows), dtype=np.int64)
    for groups in (np.array(is_old), None):
        found = reduced(logits, labels, groups)
        assert found["prediction_index"].tolist() == torch.from_numpy(logits).argmax(1).tolist()
        assert found["topk_index"][:, 0].tolist() == found["prediction_index"].tolist()
        assert (found["nonfinite"] == (~np.isfinite(logits)).sum(1)).all()


def test_equal_logits_are_kept_in_class_order_also_where_more_are_equal_than_are_kept():
    logits = np.zeros((3, 500), dtype=np.float32)
    logits[1, 100:] = 1.0
    found = reduced(logits, np.array([0, 0, 499]), None)
    assert found["prediction_index"].tolist() == [0, 100, 0]
    assert found["topk_index"][:, 0].tolist() == [0, 100, 0]
    assert all(len(set(row)) == 32 for row in found["topk_index"].tolist())
    assert found["label_rank"].tolist() == [0, 400, 0]
    assert found["margin"].tolist() == [0.0, -1.0, 0.0]


def test_equal_and_missing_numbers_among_very_many_classes():
    logits = np.zeros((3, 4001), dtype=np.float32)
    logits[1, [7, 4000]] = 1.0
    logits[2, [3999, 4000]] = [np.nan, np.inf]
    found = reduced(logits, np.array([0, 4000, 0]), None)
    assert found["prediction_index"].tolist() == [0, 7, 3999]
    assert found["topk_index"][1, :2].tolist() == [7, 4000]
    assert found["topk_index"][2, :2].tolist() == [3999, 4000]
    assert all(len(set(row)) == 32 for row in found["topk_index"].tolist())


def test_a_label_without_an_output_has_no_loss_and_the_last_rank():
    logits, _ = planted(4, 6)
    found = reduced(logits, np.array([6, 9, 0, 5]), np.array([True, True, True, False, False, False]))
    assert np.isnan(found["loss"]).tolist() == [True, True, False, False]
    assert np.isnan(found["margin"]).tolist() == [True, True, False, False]
    assert np.isnan(found["label_logit"]).tolist() == [True, True, False, False]
    assert found["label_rank"][:2].tolist() == [6, 6]
    assert not found["correct"][:2].any()


def test_one_group_far_below_the_other_keeps_its_own_logsumexp():
    logits = np.array([[0.0, 1.0, 500.0, 501.0]], dtype=np.float32)
    found = reduced(logits, np.array([2]), np.array([True, True, False, False]))
    np.testing.assert_allclose(found["logsumexp_old"], [np.logaddexp(0.0, 1.0)], rtol=1e-6)
    np.testing.assert_allclose(found["loss"], [np.log1p(np.exp(1.0))], rtol=1e-6)


def test_one_class_only_has_no_margin():
    found = reduced(np.array([[3.0], [-1.0]], dtype=np.float32), np.array([0, 0]), None)
    assert found["confidence"].tolist() == [1.0, 1.0]
    assert found["loss"].tolist() == [0.0, 0.0]
    assert np.isnan(found["margin"]).all()


def test_a_group_without_outputs_is_absent_not_invented():
    logits, labels = planted(5, 4)
    found = reduced(logits, labels, np.array([False, False, False, False, True]))
    assert np.isnan(found["max_logit_old"]).all()
    assert (found["best_old_index"] == -1).all()
    np.testing.assert_array_equal(found["max_logit_new"], logits.max(1))


def test_minus_infinity_counts_as_probability_zero():
    logits = np.array([[1.0, float("-inf"), 1.0]], dtype=np.float32)
    found = reduced(logits, np.array([1]), None)
    np.testing.assert_allclose(found["entropy"], [np.log(2)], rtol=1e-6)
    assert found["loss"].tolist() == [float("inf")]
    assert found["nonfinite"].tolist() == [1]


def test_rows_do_not_depend_on_the_chunk_they_are_worked_on_in(monkeypatch):
    logits, labels = planted(40, 64)
    is_old = np.arange(64) % 2 == 0
    whole = reduced(logits, labels, is_old)
    monkeypatch.setattr(reduction, "CHUNK_ELEMENTS", 64 * 3)
    for name, values in reduced(logits, labels, is_old).items():
        np.testing.assert_array_equal(values, whole[name], err_msg=name)
