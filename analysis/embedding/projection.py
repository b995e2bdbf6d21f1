"""Where each sample stands on the map."""

from collections.abc import Callable, Iterator

import numpy as np

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.fuzzy_graph import fuzzy_graph
from analysis.embedding.neighbours import Neighbours
from analysis.embedding.principal_axes import principal_axes
from analysis.embedding.umap_layout import umap_layout
from analysis.embedding.umap_learn import umap_learn_layout

FEWEST = 15
FEW = 50
COPY = 1e-6  # a distance below which two samples have the same embedding
MIN_DIST = 0.05


def project(
    embeddings: FloatArray,
    neighbours: Neighbours,
    seed: int = 0,
    *,
    min_dist: float = MIN_DIST,
    layout: str = "own",
    notice: Callable[[str], None] | None = None,
) -> FloatArray:
    """Lay N samples out on a plane so that neighbours stand together.

    UMAP of the run's neighbour graph, started from the first principal axes. Fewer than 15 samples with a direction,
    or one dimension, are laid out by the principal axes alone. Distances between far groups mean little.

    Args:
        embeddings: (N, D), any float dtype, may be memory-mapped.
        neighbours: Their graph.
        seed: The same seed gives the same layout.
        min_dist: How close points may be packed, 0..1.
        layout: Whose loop moves the points: ``own``, or ``umap-learn``, several times as slow.
        notice: Told, in one sentence, what a person should know about this layout.

    Returns:
        (N, 2) float32; NaN for a row that is zero or not finite and so has no place.
    """
    tell = notice or (lambda _: None)
    points = np.full((len(embeddings), 2), np.nan, dtype=np.float32)
    placed = _placed(embeddings, neighbours)
    if len(placed) < len(embeddings):
        missing = len(embeddings) - len(placed)
        tell(f"{missing:,} samples have an embedding that is zero or not finite: they are not on the map.")
    if len(placed) == 0:
        return points
    start = principal_axes(embeddings, placed, 2)
    if len(placed) < FEWEST or embeddings.shape[1] == 1:
        tell("The map shows principal axes, not UMAP, which needs at least 15 samples of 2 or more dimensions.")
        points[placed] = start
        return points
    index, distance = _among(neighbours, placed)
    for sentence in _reservations(distance):
        tell(sentence)
    move = umap_learn_layout if layout == "umap-learn" else umap_layout
    points[placed] = move(fuzzy_graph(index, distance), _spread(start, seed), min_dist=min_dist, seed=seed)
    return points


def _placed(embeddings: FloatArray, neighbours: Neighbours) -> IntArray:
    """Rows with a direction: those with a neighbour, or the one sample that could have none."""
    if neighbours.index.shape[1]:
        rows = np.flatnonzero(neighbours.index[:, 0] >= 0)
        if len(rows):
            return rows
    return np.flatnonzero(np.isfinite(embeddings).all(axis=1) & (embeddings != 0).any(axis=1))


def _among(neighbours: Neighbours, placed: IntArray) -> tuple[IntArray, FloatArray]:
    """The graph of the placed rows alone, renumbered, with distances 1 − cosine."""
    number = np.full(len(neighbours.index), -1, dtype=np.int32)
    number[placed] = np.arange(len(placed), dtype=np.int32)
    k = int((neighbours.index[placed[0]] >= 0).sum())
    index = number[neighbours.index[placed, :k]]
    return index, np.maximum(0, 1 - neighbours.similarity[placed, :k])


def _reservations(distance: FloatArray) -> Iterator[str]:
    """What a person should know of a map from these distances to neighbours (M, k)."""
    if len(distance) < FEW:
        yield f"The map shows {len(distance)} samples: too few for groups on it to mean much."
    alone = int((distance[:, -1] < COPY).sum())
    if alone:
        yield f"{alone:,} samples have no neighbours but copies of themselves: where they stand means nothing."


def _spread(start: FloatArray, seed: int) -> FloatArray:
    """Scaled to −10..10 as umap-learn does, with a little noise that parts copies."""
    widest = float(np.abs(start).max()) or 1.0
    noise = np.random.default_rng(seed).normal(scale=1e-4, size=start.shape)
    return (start * (10 / widest) + noise).astype(np.float32)
