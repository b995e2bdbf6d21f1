"""Principal axes against scikit-learn's."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from analysis.embedding import principal_axes as module
from analysis.embedding.principal_axes import principal_axes


def test_same_as_scikit_learn_up_to_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 32)
    embeddings = (np.random.default_rng(0).normal(size=(100, 7)) * np.arange(1, 8)).astype(np.float16)
    unit = embeddings.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    expected = PCA(n_components=3).fit_transform(unit)
    found = principal_axes(embeddings, np.arange(100), 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-5)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-6)


def test_only_the_rows_asked_for_and_axes_beyond_the_dimensions_are_zero() -> None:
    embeddings = np.array([[1.0], [np.nan], [-2.0]])
    found = principal_axes(embeddings, np.array([0, 2]), 2)
    np.testing.assert_allclose(found, [[1, 0], [-1, 0]], atol=1e-6)
