"""UMAP of a neighbour graph that is already there: no search of its own, and the same layout in every run."""

import warnings

import numpy as np
import scipy.sparse as sp

from analysis.arrays import FloatArray

NEGATIVE_SAMPLES = 5


def umap_layout(graph: sp.coo_matrix, start: FloatArray, *, min_dist: float, seed: int) -> FloatArray:
    """Move N points so that the neighbours of a graph come together and others apart.

    One thread, because parallel updates race and the same seed would give another picture each time.

    Args:
        graph: (N, N) symmetric weights in 0..1, see `fuzzy_graph`.
        start: (N, M) float32 positions to begin from, all different.
        min_dist: How close points may be packed, 0..1, in units of the layout.
        seed: Of the random order of the updates.

    Returns:
        (N, M) float32.

    Source: McInnes, Healy & Melville 2018, arXiv 1802.03426.
    """
    with warnings.catch_warnings():
        # umap-learn announces a missing TensorFlow, which only its parametric variant would need.
        warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
        from umap import umap_

    a, b = umap_.find_ab_params(1.0, min_dist)
    points, _ = umap_.simplicial_set_embedding(
        start,
        graph.copy(),  # it drops weak edges in place
        n_components=start.shape[1],
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=NEGATIVE_SAMPLES,
        n_epochs=None,
        init=start,
        random_state=np.random.RandomState(seed),  # the type umap-learn takes
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        parallel=False,
    )
    return np.asarray(points, dtype=np.float32)
