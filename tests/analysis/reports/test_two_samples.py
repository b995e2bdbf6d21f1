"""Kernel distance against its definition, p that is never 0 and uniform without a difference, classes that mislead."""

import numpy as np
import pytest

from analysis.reports.two_samples import kernel_distance, separability


def _embeddings(seed, n=200, moved=0.0, dims=16):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 8, n)
    inside = rng.random(n) < 0.2 + 0.6 * (kind % 2)  # the mix of classes differs, the pictures do not
    x = rng.normal(size=(n, dims)) + 3 * np.random.default_rng(99).normal(size=(8, dims))[kind]
    x[inside] += moved
    return x.astype(np.float32), kind, inside


def test_distance_is_its_definition():
    x, kind, inside = _embeddings(0, n=40)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    squared = ((unit[:, None] - unit[None]) ** 2).sum(axis=2)
    middle = np.median(squared[np.triu_indices(40, 1)])
    kernel = sum(np.exp(-squared / (factor * middle)) for factor in (0.25, 0.5, 1, 2, 4))
    n, m = inside.sum(), (~inside).sum()
    first, second = kernel[np.ix_(inside, inside)], kernel[np.ix_(~inside, ~inside)]
    expected = (first.sum() - np.trace(first)) / (n * (n - 1)) + (second.sum() - np.trace(second)) / (m * (m - 1))
    expected -= 2 * kernel[np.ix_(inside, ~inside)].mean()
    assert kernel_distance(x, kind, inside, permutations=9)[0] == pytest.approx(expected, abs=1e-4)


def test_p_is_uniform_without_a_difference_though_classes_differ():
    p = np.array(
        [kernel_distance(*_embeddings(seed, n=120), permutations=99, seed=seed + 500)[1] for seed in range(60)]
    )
    assert (p <= 0.1).mean() < 0.25
    assert 0.3 < p.mean() < 0.7


def test_p_is_never_0():
    assert kernel_distance(*_embeddings(0, moved=2.0), permutations=199)[1] == 1 / 200


def test_told_apart_only_where_pictures_differ():
    alike = separability(_embeddings(0, n=600), _embeddings(1, n=600))[0]
    different = separability(_embeddings(0, n=600, moved=0.5), _embeddings(1, n=600, moved=0.5))[0]
    assert abs(alike - 0.5) < 0.1
    assert different > 0.75


def test_without_a_class_on_both_sides_nothing_is_told_apart():
    x, kind, _ = _embeddings(0)
    assert separability((x, kind, kind > 3), (x, kind, kind > 3)) == (0.5, 0.5)
