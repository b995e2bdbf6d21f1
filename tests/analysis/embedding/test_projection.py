"""What a layout keeps together, and what it does with too little."""

import subprocess
import sys

import numpy as np
import pytest

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.neighbours import neighbours
from analysis.embedding.projection import project


def test_groups_stay_together_and_the_seed_fixes_the_layout(
    blobs: tuple[FloatArray, IntArray], capfd: pytest.CaptureFixture[str]
) -> None:
    embeddings, group = blobs
    graph = neighbours(embeddings)
    said: list[str] = []
    points = project(embeddings, graph, 1, notice=said.append)
    assert points.shape == (240, 2)
    assert points.dtype == np.float32
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (group[apart.argmin(axis=1)] == group).all()
    np.testing.assert_array_equal(project(embeddings, graph, 1), points)
    assert not np.array_equal(project(embeddings, graph, 2), points)
    assert said == []
    assert capfd.readouterr() == ("", "")


def test_umap_learn_and_its_compilation_are_never_waited_for() -> None:
    """In a process of its own: another test may have loaded it."""
    code = (
        "import sys, numpy as np\n"
        "from analysis.embedding.neighbours import neighbours\n"
        "from analysis.embedding.projection import project\n"
        "vectors = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float16)\n"
        "project(vectors, neighbours(vectors))\n"
        "assert not {'umap', 'pynndescent', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("n", "d"), [(0, 4), (1, 4), (2, 4), (3, 2), (14, 5), (20, 1)])
def test_few_samples_or_one_dimension_are_laid_out_by_principal_axes(n: int, d: int) -> None:
    embeddings = np.random.default_rng(n).normal(size=(n, d)).astype(np.float16)
    said: list[str] = []
    points = project(embeddings, neighbours(embeddings), notice=said.append)
    assert points.shape == (n, 2)
    assert np.isfinite(points).all()
    assert ["principal axes" in sentence for sentence in said] == [True] * (n > 0)


def test_rows_without_a_direction_have_no_place(blobs: tuple[FloatArray, IntArray]) -> None:
    embeddings = blobs[0].copy()
    embeddings[5], embeddings[9, 0] = 0, np.inf
    said: list[str] = []
    points = project(embeddings, neighbours(embeddings), notice=said.append)
    assert np.flatnonzero(np.isnan(points).any(axis=1)).tolist() == [5, 9]
    assert said == ["2 samples have an embedding that is zero or not finite: they are not on the map."]


def test_samples_that_are_all_alike_are_still_placed() -> None:
    embeddings = np.ones((60, 6), dtype=np.float16)
    said: list[str] = []
    points = project(embeddings, neighbours(embeddings), notice=said.append)
    assert np.isfinite(points).all()
    assert said == ["60 samples have no neighbours but copies of themselves: where they stand means nothing."]


def test_a_tenth_of_copies_and_constant_columns_change_nothing_for_the_others(
    blobs: tuple[FloatArray, IntArray],
) -> None:
    embeddings, group = blobs
    embeddings = np.hstack([embeddings, np.zeros((240, 2)), np.full((240, 1), 0.5)]).astype(np.float16)
    copies = np.flatnonzero(group == 2)[:24]
    embeddings[copies] = embeddings[copies[0]]
    said: list[str] = []
    points = project(embeddings, neighbours(embeddings), notice=said.append)
    assert said == ["24 samples have no neighbours but copies of themselves: where they stand means nothing."]
    assert np.isfinite(points).all()
    others = np.delete(np.arange(240), copies)
    apart = np.linalg.norm(points[others, None] - points[None, others], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (group[others][apart.argmin(axis=1)] == group[others]).mean() > 0.97


@pytest.mark.parametrize("n", [16, 49])
def test_few_samples_are_placed_with_a_warning(n: int) -> None:
    embeddings = np.random.default_rng(n).normal(size=(n, 6)).astype(np.float16)
    said: list[str] = []
    points = project(embeddings, neighbours(embeddings), notice=said.append)
    assert np.isfinite(points).all()
    assert said == [f"The map shows {n} samples: too few for groups on it to mean much."]
