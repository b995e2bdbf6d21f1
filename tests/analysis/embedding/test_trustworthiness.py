"""How far a map can be believed, against scikit-learn's definition and on maps that are right and wrong."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness as reference

from analysis.embedding.trustworthiness import trustworthiness


def _groups(rng, samples=400, dims=24):
    return rng.normal(size=(8, dims))[rng.integers(0, 8, samples)] + 0.3 * rng.normal(size=(samples, dims))


def test_it_is_what_scikit_learn_measures():
    rng = np.random.default_rng(0)
    embeddings = _groups(rng)
    for points in (embeddings[:, :2], rng.normal(size=(400, 2))):
        found = trustworthiness(embeddings, points)
        expected = reference(embeddings, points, n_neighbors=15, metric="cosine")
        assert found is not None
        assert found.overall == pytest.approx(expected, abs=1e-4)
        assert found.of_sample.mean() == pytest.approx(expected, abs=1e-4)


def test_a_true_map_a_random_one_and_one_misplaced_sample():
    angle = np.linspace(0, 2, 300)
    embeddings = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    true = trustworthiness(embeddings, embeddings)
    random = trustworthiness(embeddings, np.random.default_rng(1).normal(size=(300, 2)))
    assert true is not None
    assert random is not None
    assert true.overall == pytest.approx(1, abs=1e-3)
    assert random.overall == pytest.approx(0.5, abs=0.05)
    moved = embeddings.copy()
    moved[0] = embeddings[-1] + 1e-4
    torn = trustworthiness(embeddings, moved)
    assert torn is not None
    assert np.argmin(torn.of_sample) == 0
    assert torn.of_sample[0] < 0.2


def test_samples_beyond_the_references_are_judged_among_them():
    embeddings = _groups(np.random.default_rng(2), samples=600)
    part, whole = (trustworthiness(embeddings, embeddings[:, :2], references=m) for m in (150, 600))
    assert part is not None
    assert whole is not None
    assert part.references == 150
    assert np.isfinite(part.of_sample).all()
    assert part.of_sample.min() >= 0
    assert part.of_sample.max() <= 1
    assert part.of_sample.mean() == pytest.approx(whole.overall, abs=0.1)


def test_half_floats_copies_and_samples_without_a_place():
    embeddings = np.repeat(_groups(np.random.default_rng(3), samples=40), 3, axis=0).astype(np.float16)
    embeddings[5] *= 1000
    points = embeddings[:, :2].astype(np.float32)
    points[7] = np.nan
    found = trustworthiness(embeddings, points)
    assert found is not None
    assert np.flatnonzero(np.isnan(found.of_sample)).tolist() == [7]
    assert 0 <= found.overall <= 1


@pytest.mark.parametrize(("samples", "neighbours"), [(0, None), (2, None), (3, 1), (20, 9)])
def test_few_samples(samples, neighbours):
    embeddings = np.random.default_rng(4).normal(size=(samples, 3))
    found = trustworthiness(embeddings, embeddings[:, :2])
    assert (found and found.neighbours) == neighbours
