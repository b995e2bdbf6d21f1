"""Label issues: against the plain rule on all classes, and the certificate of what more candidates could change."""

import numpy as np
import pytest

from analysis.reports.label_issues import class_thresholds, label_issues


def _planted(seed=0, n=600, classes=20):
    random = np.random.default_rng(seed)
    true = np.arange(n) % classes
    z = random.normal(size=(n, classes))
    z[np.arange(n), true] += 6
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    label = true.copy()
    flipped = random.permutation(n)[: n // 20]
    label[flipped] = (true[flipped] + 1 + random.integers(0, classes - 1, size=len(flipped))) % classes
    same = [np.flatnonzero(true == c) for c in range(classes)]
    graph = np.array([random.choice(np.setdiff1d(same[true[i]], i), 10, replace=False) for i in range(n)])
    return p, label, flipped, graph


def _top(p, kept):
    order = np.argsort(-p, axis=1)[:, :kept]
    return order, np.take_along_axis(p, order, axis=1)


def _run(kept, **planted):
    p, label, flipped, graph = _planted(**planted)
    candidate, top = _top(p, kept)
    return label_issues(candidate, top, label, graph, np.full(graph.shape, 0.8)), flipped, label


def test_flipped_labels_are_found_and_rank_lowest():
    issues, flipped, label = _run(20)
    found = np.flatnonzero(issues.is_issue)
    assert len(np.intersect1d(found, flipped)) >= 0.7 * len(flipped)
    assert len(np.setdiff1d(found, flipped)) <= 2
    assert set(np.argsort(issues.quality)[: len(flipped) // 2]) <= set(flipped)
    assert ((issues.quality >= 0) & (issues.quality <= 1)).all()
    assert (issues.suggestion[found] != label[found]).all()


def test_the_surest_samples_carry_as_many_wrong_labels_as_all():
    p, label, flipped, graph = _planted(n=3000)
    issues = label_issues(*_top(p, 20), label, graph, np.full(graph.shape, 0.8))
    wrong = np.isin(np.arange(3000), flipped)
    assert issues.is_sure.sum() > 1000
    assert abs(wrong[issues.is_sure].mean() - wrong.mean()) < 0.015


def test_what_is_certified_does_not_change_with_more_candidates():
    full, _, _ = _run(20, seed=4)
    for kept in (2, 3, 5):
        some, _, _ = _run(kept, seed=4)
        certain = ~some.undetermined
        assert np.array_equal(some.is_issue[certain], full.is_issue[certain])
        assert certain.mean() > 0.5
    assert not full.undetermined.any()


def test_thresholds_by_hand_and_none_for_rare_classes():
    p_label = np.array([0.5, 0.7, 0.6, 0.8, 0.9, 1.0])
    threshold = class_thresholds(p_label, np.array([0, 0, 0, 0, 0, 1]), 3)
    assert threshold[0] == np.float64(0.7)
    assert np.isinf(threshold[1:]).all()


def test_copies_of_the_picture_do_not_speak_for_it():
    p, label, _, graph = _planted()
    candidate, top = _top(p, 20)
    copies = label_issues(candidate, top, label, graph, np.ones(graph.shape))
    assert not copies.is_issue.any()
    assert (copies.agreement == 0).all()


def test_no_samples():
    none = np.zeros((0, 4), dtype=np.int64)
    issues = label_issues(none, none.astype(float), np.zeros(0, dtype=np.int64), none, none.astype(float))
    assert len(issues.quality) == 0


def test_the_quality_of_a_label_does_not_hang_on_the_labels_of_others():
    rng = np.random.default_rng(0)
    candidate = np.argsort(rng.random((60, 6)), axis=1)[:, :4]
    probability = np.sort(rng.dirichlet(np.ones(4), 60), axis=1)[:, ::-1]
    label, others = rng.integers(0, 6, (2, 60))
    others[:10] = label[:10]
    near, similarity = rng.integers(0, 60, (60, 15)), np.full((60, 15), 0.5)
    one = label_issues(candidate, probability, label, near, similarity)
    two = label_issues(candidate, probability, others, near, similarity)
    np.testing.assert_array_equal(one.quality[:10], two.quality[:10])
    told = np.array([[probability[n][candidate[n] == label[0]].sum() for n in near[0, :10]]]).mean()
    own = probability[0][candidate[0] == label[0]].sum()
    assert one.quality[0] == pytest.approx((own + 0.2 * told) / 1.2, abs=1e-6)
