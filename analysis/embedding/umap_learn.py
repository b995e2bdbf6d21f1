"""The same layout by umap-learn itself, for whoever wants the library's own picture: `[embedding] layout`."""

import warnings

import numpy as np
import scipy.sparse as sp

from analysis.arrays import FloatArray

NEGATIVE_SAMPLES = 5


def umap_learn_layout(graph: sp.coo_matrix, start: FloatArray, *, min_dist: float, seed: int) -> FloatArray:
    """Move N points with umap-learn's own loop; see `umap_layout` for arguments and result.

    One thread, because its parallel updates race and the same seed would give another picture each time.

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
